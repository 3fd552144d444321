"""The states of alerts in words, in Dutch and English, for lists and reports. Never colour alone: each has a glyph."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kpi_pipeline.alerts.model import AlertState
from kpi_pipeline.alerts.standing import Standing
from kpi_pipeline.alerts.vocabulary import LEVELS
from kpi_pipeline.catalogue.alerting import SEVERITIES
from kpi_pipeline.catalogue.display import instant_text
from kpi_pipeline.catalogue.model import Company

SHOWN: dict[str, dict[str, str]] = {
    "ok": {"glyph": "✓", "nl": "in orde", "en": "ok"},
    "pending": {"glyph": "◇", "nl": "in aanloop", "en": "pending"},
    **{f"firing({level})": LEVELS[level] for level in SEVERITIES},
    "recovering": {"glyph": "◒", "nl": "herstelt", "en": "recovering"},
    "no_data": {"glyph": "○", "nl": "geen gegevens", "en": "no data"},
    "error": {"glyph": "✗", "nl": "fout", "en": "error"},
    "stale": {"glyph": "◔", "nl": "bron verouderd", "en": "source stale"},
    "suppressed(silence)": {"glyph": "⊘", "nl": "gedempt", "en": "silenced"},
    "suppressed(mute)": {"glyph": "⊘", "nl": "stille uren", "en": "quiet hours"},
    "suppressed(inhibit)": {"glyph": "⊘", "nl": "ingehouden", "en": "inhibited"},
    "paused": {"glyph": "‖", "nl": "gepauzeerd", "en": "paused"},
}
NOTES = {
    "nl": {
        "silenced": "gedempt tot {until} door {by}: {reason}",
        "muted": "stille uren tot {until}",
        "muted_always": "stille uren",
        "acknowledged": "opgepakt door {by} tot {until}: {reason}",
        "paused": "gepauzeerd door {by} sinds {at}: {reason}",
        "decisions": "besluit gevraagd: {ids}",
    },
    "en": {
        "silenced": "silenced until {until} by {by}: {reason}",
        "muted": "quiet hours until {until}",
        "muted_always": "quiet hours",
        "acknowledged": "acknowledged by {by} until {until}: {reason}",
        "paused": "paused by {by} since {at}: {reason}",
        "decisions": "decision asked: {ids}",
    },
}
# The same in a few words, for a list that has no room for who and why.
BRIEF = {
    "nl": {
        "silenced": "⊘ gedempt tot {until}",
        "muted": "⊘ stille uren tot {until}",
        "muted_always": "⊘ stille uren",
        "acknowledged": "⊙ opgepakt tot {until}",
        "paused": "‖ gepauzeerd",
    },
    "en": {
        "silenced": "⊘ silenced until {until}",
        "muted": "⊘ quiet hours until {until}",
        "muted_always": "⊘ quiet hours",
        "acknowledged": "⊙ acknowledged until {until}",
        "paused": "‖ paused",
    },
}
COLOURS = {
    "ok": "green",
    "firing(info)": "cyan",
    "firing(warning)": "dark_orange",
    "firing(critical)": "bold red",
    "recovering": "yellow",
    "pending": "yellow",
    "error": "red",
    "stale": "magenta",
}


def state_text(state: AlertState, language: str) -> str:
    """'■ kritiek', and of one that is held back or lacks data what it is beneath: '⊘ gedempt (kritiek)'."""
    words = SHOWN[state.shown]
    beneath = f" ({SHOWN[f'firing({state.level})'][language]})" if state.fires and state.shown != bare(state) else ""
    return f"{words['glyph']} {words[language]}{beneath}"


def bare(state: AlertState) -> str:
    """The state as if nothing held it back and no data were lacking."""
    return f"firing({state.level})" if state.phase == "firing" else state.phase


def notes(company: Company, standing: Standing) -> Iterator[str]:
    """What people did about an alert, and what holds it back, as lines."""
    yield from (whole for _, whole in held(company, standing))
    if standing.decisions:
        yield NOTES[company.language]["decisions"].format(ids=", ".join(each[:8] for each in standing.decisions))


def held(company: Company, standing: Standing) -> Iterator[tuple[str, str]]:
    """What holds an alert back, and who has it in hand: in a few words, and as a whole line with by whom and why."""
    for key, said in _holding(company, standing):
        yield BRIEF[company.language][key].format(**said), NOTES[company.language][key].format(**said)


def _holding(company: Company, standing: Standing) -> Iterator[tuple[str, dict[str, str]]]:
    silence, known, pause = standing.silence, standing.acknowledged, standing.pause
    if pause is not None:
        yield "paused", {"by": pause.author, "at": when(company, pause.at), "reason": pause.reason}
    if silence is not None:
        until = when(company, silence.ends_at)
        yield "silenced", {"until": until, "by": silence.author, "reason": silence.reason}
    if standing.state.suppressed == "mute":
        ends = standing.muted_until
        yield ("muted_always", {}) if ends is None else ("muted", {"until": when(company, ends)})
    if known is not None:
        yield "acknowledged", {"by": known.author, "until": when(company, known.until), "reason": known.reason}


def when(company: Company, instant: datetime) -> str:
    """An instant by the company's clocks, in its language."""
    return instant_text(instant.astimezone(company.tz), company.language)
