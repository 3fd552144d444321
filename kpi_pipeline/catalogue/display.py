"""How values, days and statuses are written for people, in Dutch and English."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, parse_pattern

from kpi_pipeline.catalogue.model import Kpi, Threshold
from kpi_pipeline.catalogue.units import UNITS

# Parsed once, as the patterns of numbers are: a site writes twenty thousand numbers, and parsing took most of each.
LOCALES = {"nl": Locale.parse("nl_NL"), "en": Locale.parse("en_GB")}
PATTERN = cache(parse_pattern)
NOTHING = "–"
BARS = "▁▂▃▄▅▆▇█"
MS_AN_HOUR = 3_600_000
MILLION = 1_000_000
MOST_PLACES = 4
WHOLE = Decimal(100)
SHARES = ("percent", "points")
SMALLEST = {"hours": MS_AN_HOUR, "minutes": 60_000, "days": 86_400_000, "EUR": 100, "USD": 100}

# Never colour alone: every status has a glyph and a word.
STATUS: dict[str, dict[str, str]] = {
    "ok": {"glyph": "✓", "nl": "op koers", "en": "on target"},
    "below_target": {"glyph": "◇", "nl": "mist doel", "en": "misses target"},
    "warning": {"glyph": "▲", "nl": "waarschuwing", "en": "warning"},
    "critical": {"glyph": "■", "nl": "kritiek", "en": "critical"},
    "no_data": {"glyph": "○", "nl": "geen gegevens", "en": "no data"},
    "low_sample": {"glyph": "◌", "nl": "te weinig waarnemingen", "en": "too few observations"},
    "stale": {"glyph": "◔", "nl": "verouderd", "en": "stale"},
    "provisional": {"glyph": "~", "nl": "voorlopig", "en": "provisional"},
    "unrated": {"glyph": "·", "nl": "niet beoordeeld", "en": "not rated"},
}

REASONS: dict[str, dict[str, str]] = {
    "nothing_waited": {"nl": "niets wachtte", "en": "nothing waited"},
    "none_open": {"nl": "geen open", "en": "none open"},
    "no_burn": {"nl": "∞ (geen netto uitgaven)", "en": "∞ (no net burn)"},
    "not_loaded": {"nl": "niet geladen", "en": "not loaded"},
}

# Words for how often a framework looks at a KPI; one that says it in words of its own is shown as it is.
CADENCES = {
    "hourly": "elk uur",
    "every 6 hours": "elke 6 uur",
    "daily": "dagelijks",
    "weekly": "wekelijks",
    "every 2 weeks": "elke 2 weken",
    "every sprint": "elke sprint",
    "monthly": "maandelijks",
    "quarterly": "elk kwartaal",
    "yearly": "jaarlijks",
    "per survey": "per enquête",
    "once": "eenmalig",
}


def cadence_text(cadence: str, language: str) -> str:
    """How often a KPI is looked at, in the reader's language: 'elke 6 uur'."""
    return CADENCES.get(cadence, cadence) if language == "nl" else cadence


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Half up, as people round; for display only."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def value_text(
    value: Decimal | None,
    unit: str,
    language: str,
    *,
    reason: str | None = None,
    apart_from: Collection[Decimal] = (),
) -> str:
    """A value with its unit, such as '32,4%' or '€ 1.850'; a dash, or the reason, where there is none.

    A value that would be rounded to nothing is not nothing: it is written with its first digit, '0,04%'. Neither is
    nearly all of it all: 99.96 is '99,96%', not '100,0%', or an uptime that misses its target would look whole. A value
    is written with the digits that tell it `apart_from` others: 0.0825 is '0,08%' beside a target of 0.1.
    """
    if value is None:
        return REASONS[reason][language] if reason in REASONS else NOTHING
    spec = UNITS[unit]
    if spec.is_money:
        places = 0 if abs(rounded(value, 2)) >= 100 and _apart(value, 0, apart_from) else 2
        return _money(rounded(value, places), unit, "#,##0.00" if places else "#,##0", language)
    places = spec.decimals
    if value and not rounded(value, places) and rounded(value, MOST_PLACES):
        places = min(-value.adjusted(), MOST_PLACES)
    if unit == "percent" and value < WHOLE and rounded(value, places) == WHOLE and rounded(value, MOST_PLACES) < WHOLE:
        places = min(-(WHOLE - value).adjusted(), MOST_PLACES)
    while places < MOST_PLACES and not _apart(value, places, apart_from):
        places += 1
    digits = "#,##0" + ("." + "0" * places if places else "")
    number = _plain(rounded(value, places), digits, language)
    word = spec.nl if language == "nl" else spec.en
    if word == "%":
        return f"{number}%"
    return f"{number} {word}".rstrip()


def _apart(value: Decimal, places: int, others: Collection[Decimal]) -> bool:
    """Whether rounding leaves it different from those that it differs from by more than any rounding shows."""
    shown, exact = rounded(value, places), rounded(value, MOST_PLACES)
    return all(shown != rounded(each, places) or exact == rounded(each, MOST_PLACES) for each in others)


def kpi_text(kpi: Kpi, value: Decimal | None, language: str, *, reason: str | None = None) -> str:
    """A value of a KPI as people read it: with its unit, or the word of its grade; never as a threshold that it is not.

    '0,08%' meets '< 0,1%', which '0,1%' would not.
    """
    if kpi.grades and value is not None:
        return kpi.grade(int(value), language)
    marks = [each.value for thresholds in (kpi.target, kpi.warning, kpi.critical) for each in thresholds]
    return value_text(value, kpi.unit, language, reason=reason, apart_from=marks)


def step_text(kpi: Kpi, now: Decimal | None, before: Decimal | None, language: str) -> str:
    """The step from an earlier value; of percentages in percentage points, never a percentage of a percentage."""
    if now is None or before is None or kpi.grades:
        return NOTHING
    spec = UNITS[kpi.unit]
    step = rounded(abs(now - before), 2 if spec.is_money else spec.decimals)
    text = value_text(step, kpi.unit, language)
    if kpi.unit == "percent":
        text = f"{text.removesuffix('%')} {'procentpunt' if language == 'nl' else 'pp'}"
    if not any(digit in "123456789" for digit in text):  # a step too small to show has no direction either
        return f"±{text}"
    return f"{'+' if now > before else '−'}{text}"


def _money(amount: Decimal, currency: str, digits: str, language: str) -> str:
    pattern = PATTERN(f"¤ {digits}")
    return _minus(format_currency(amount, currency, pattern, locale=LOCALES[language], currency_digits=False))


def _plain(number: Decimal, digits: str, language: str) -> str:
    return _minus(format_decimal(number, PATTERN(digits), locale=LOCALES[language]))


def _minus(number: str) -> str:
    """With the sign of a number for a hyphen: '−51,5%' as a step says it, and no line breaks behind it."""
    return number.replace("-", "−")


def count_text(value: Decimal | int | None, language: str) -> str:
    """A count with thousands separated; money numerators and seconds are counts too."""
    if value is None:
        return NOTHING
    return _plain(rounded(Decimal(value), 0), "#,##0", language)


def threshold_text(threshold: Threshold | None, unit: str, language: str) -> str:
    """A threshold as printed, with ≥ and ≤ for >= and <=."""
    if threshold is None:
        return NOTHING
    op = {">=": "≥", "<=": "≤"}.get(threshold.op, threshold.op)
    if threshold.grade:
        return f"{op} {threshold.grade}"
    spec = UNITS[unit]
    decimals = max(0, -int(threshold.value.as_tuple().exponent))
    digits = "#,##0" + ("." + "0" * decimals if decimals else "")
    if spec.is_money:
        return f"{op} {_money(threshold.value, unit, digits, language)}"
    number = _plain(threshold.value, digits, language)
    word = spec.nl if language == "nl" else spec.en
    return f"{op} {number}{word}" if word == "%" else f"{op} {number} {word}".rstrip()


def tick_text(value: Decimal, unit: str, language: str) -> str:
    """A round number at an axis: '€ 12.000', '40%', '1,5 mln.'; other units are named once, by the chart."""
    spec = UNITS[unit]
    suffix = "%" if spec.nl == "%" else ""
    if abs(value) >= MILLION:
        value, suffix = value / MILLION, {"nl": "\u00a0mln.", "en": "M"}[language]
    decimals = max(0, -int(value.normalize().as_tuple().exponent))
    digits = "#,##0" + ("." + "0" * decimals if decimals else "")
    if spec.is_money:
        return f"{_money(value, unit, digits, language)}{suffix}"
    return f"{_plain(value, digits, language)}{suffix}"


def unit_text(unit: str, language: str) -> str:
    """The word of a unit, such as 'uur', '%' or '€'; "" where a number has none."""
    return UNITS[unit].nl if language == "nl" else UNITS[unit].en


def by_hand_text(initials: str, role: str, day: date, language: str) -> str:
    """'met de hand: HS (Finance), 20 november 2026'; without initials who it was is not known."""
    words = {"nl": "met de hand", "en": "by hand"}[language]
    who = f": {initials} ({role})" if initials else ""
    return f"{words}{who}, {day_text(day, language)}"


def status_text(status: str, language: str) -> str:
    return f"{STATUS[status]['glyph']} {STATUS[status][language]}"


def day_text(day: date, language: str) -> str:
    return format_date(day, "d MMMM yyyy", locale=LOCALES[language])


def short_day_text(day: date, language: str) -> str:
    """'21 nov': where the year is known from what stands around it."""
    return format_date(day, "d MMM", locale=LOCALES[language])


def month_text(day: date, language: str) -> str:
    """'nov 2026'"""
    return format_date(day, "MMM yyyy", locale=LOCALES[language])


def quarter_text(name: str, language: str) -> str:
    """'4e kwartaal 2026' for '2026-Q4'."""
    year, number = name.split("-Q")
    return f"{number}e kwartaal {year}" if language == "nl" else f"Q{number} {year}"


def full_month_text(day: date, language: str) -> str:
    """'november 2026'"""
    return format_date(day, "MMMM yyyy", locale=LOCALES[language])


def instant_text(instant: datetime, language: str) -> str:
    """An instant in the zone it is given in; convert before calling."""
    return format_datetime(instant, "d MMM yyyy HH:mm", locale=LOCALES[language])


def sparkline(values: Sequence[Decimal | None]) -> str:
    """Block characters from low to high; a gap stays a gap."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    span = high - low
    steps = len(BARS) - 1
    return "".join(
        " " if value is None else BARS[steps // 2 if span == 0 else int((value - low) / span * steps)]
        for value in values
    )
