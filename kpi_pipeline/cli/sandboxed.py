"""Companies in the sandbox: served, and with settings that point this installation at them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from kpi_pipeline import clock
from kpi_pipeline.catalogue import Catalogue
from kpi_pipeline.cli.options import DEMO_HOME
from kpi_pipeline.connectors.registry import SOURCES
from kpi_pipeline.flow.workspace import read_catalogue
from kpi_pipeline.sandbox import Limit, Sandbox
from kpi_pipeline.sandbox.kept import keeping
from kpi_pipeline.settings import Settings

SEED = 7
# The sandbox's people do not exist, so this salt protects nobody; a real installation sets its own.
DEMO_SALT = "sandbox"

COMPANIES = ("mister_dj", "dgskills", "inpact", "inopsio", "datainsight_pro")

# The simulated companies pay for HubSpot's API add-on: 250 requests in ten seconds instead of 190.
LIMITS = {"hubspot": {"ten_secondly": Limit(250, 10.0)}}


@contextmanager
def sandboxed(
    home: Path = DEMO_HOME,
    port: int = 0,
    companies: Sequence[str] = COMPANIES,
    catalogue: Catalogue | None = None,
) -> Iterator[tuple[Sandbox, Settings]]:
    """Serve the sandbox and yield settings for it.

    The day the story is told around is remembered in `home`, so that a later start sees the same past. `catalogue`: as
    it was read before.
    """
    build = keeping(home / "worlds")
    with Sandbox(companies, port=port, seed=SEED, anchor=_anchor(home), limits=LIMITS, build=build) as sandbox:
        settings = Settings.from_environment()
        environment = dict(settings.environment)
        declared = (read_catalogue(settings) if catalogue is None else catalogue).companies
        for company in sandbox.companies:
            unread = SOURCES.keys() - declared[company].sources if company in declared else ()
            environment |= sandbox.environment(company, without=unread)
        environment |= {"KPI_HOME": str(home.resolve()), "KPI_HASH_SALT": DEMO_SALT}
        yield sandbox, Settings.from_environment(environment)


def _anchor(home: Path) -> date:
    file = home / "sandbox.json"
    if file.is_file():
        return date.fromisoformat(json.loads(file.read_text(encoding="utf-8"))["anchor"])
    anchor = clock.now().date()
    home.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"anchor": anchor.isoformat(), "seed": SEED}), encoding="utf-8")
    return anchor
