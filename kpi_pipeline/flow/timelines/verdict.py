"""Whether a timeline came out as written, and where not, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import ndiff

from kpi_pipeline.catalogue import Catalogue
from kpi_pipeline.flow.timelines.script import Timeline
from kpi_pipeline.flow.timelines.stage import Stage, Story
from kpi_pipeline.history.memory import Scratch


@dataclass(frozen=True, slots=True)
class Verdict:
    """One timeline played: what came out, and `differences` as '- expected' and '+ got' lines; none when it holds."""

    timeline: Timeline
    story: Story
    differences: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.differences


def judge(timelines: Sequence[Timeline], catalogue: Catalogue) -> Iterator[Verdict]:
    """Play each timeline on an empty history and compare."""
    scratch = Scratch()
    try:
        for timeline in timelines:
            story = Stage(catalogue.companies[timeline.company], timeline, scratch).play()
            yield Verdict(timeline, story, tuple(differences(timeline, story)))
    finally:
        scratch.close()


def differences(timeline: Timeline, story: Story) -> Iterator[str]:
    pairs: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
        "states": ([f"{seen.at:%Y-%m-%d %H:%M} {seen.state}" for seen in timeline.states], story.states),
        "notices": (timeline.notices, story.notices),
    }
    for what, (expected, got) in pairs.items():
        lines = [line for line in ndiff(_plain(expected), _plain(got)) if not line.startswith("?")]
        if any(line[0] in "+-" for line in lines):
            yield f"{what}:"
            yield from (f"  {line}" for line in lines)


def _plain(lines: Sequence[str]) -> list[str]:
    return [" ".join(line.split()) for line in lines]
