"""Our page templates: everything that is not marked safe is escaped, and what they are not given is refused."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from kpi_pipeline.reports import palette


@cache
def environment() -> Environment:
    found = Environment(
        loader=PackageLoader("kpi_pipeline.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["palette"] = palette.css
    return found


def template(name: str) -> Template:
    """A template of ours by its file name."""
    return environment().get_template(name)
