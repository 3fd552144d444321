"""The states of alerts in words, in Dutch and English, for lists and reports. Never colour alone: each has a glyph."""

from __future__ import annotations

from kpi_pipeline.alerts.model import AlertState

SHOWN: dict[str, dict[str, str]] = {
    "ok": {"glyph": "✓", "nl": "in orde", "en": "ok"},
    "pending": {"glyph": "◇", "nl": "in aanloop", "en": "pending"},
    "firing(info)": {"glyph": "●", "nl": "ter info", "en": "for information"},
    "firing(warning)": {"glyph": "▲", "nl": "waarschuwing", "en": "warning"},
    "firing(critical)": {"glyph": "■", "nl": "kritiek", "en": "critical"},
    "recovering": {"glyph": "◒", "nl": "herstelt", "en": "recovering"},
    "no_data": {"glyph": "○", "nl": "geen gegevens", "en": "no data"},
    "error": {"glyph": "✗", "nl": "fout", "en": "error"},
    "stale": {"glyph": "◔", "nl": "bron verouderd", "en": "source stale"},
    "suppressed(silence)": {"glyph": "⊘", "nl": "gedempt", "en": "silenced"},
    "suppressed(mute)": {"glyph": "⊘", "nl": "stille uren", "en": "quiet hours"},
    "suppressed(inhibit)": {"glyph": "⊘", "nl": "ingehouden", "en": "inhibited"},
    "paused": {"glyph": "‖", "nl": "gepauzeerd", "en": "paused"},
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
