"""What a definition says, in Dutch and English, derived from its parameters so that it cannot drift from them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from kpi_pipeline.catalogue.arithmetic import Operation, parse
from kpi_pipeline.catalogue.model import Company, Kpi
from kpi_pipeline.catalogue.rules.formulas import references
from kpi_pipeline.catalogue.units import UNITS
from kpi_pipeline.metrics import windows
from kpi_pipeline.metrics.windows import Shape, Window

LANGUAGES = ("nl", "en")
NAME = re.compile(r"\b[a-z][a-z0-9_]*\b")
MILLISECONDS = re.compile(r"(?<=[+-] )\d{5,}")  # added to an instant, or taken off it
TERMS: dict[str, tuple[str, str]] = {
    "lead": ("leads", "leads"),
    "lead_booking": ("leads", "leads"),
    "booking": ("boekingen", "bookings"),
    "booking_refund": ("terugbetalingen", "refunds"),
    "survey_invitation": ("uitnodigingen voor de enquête", "survey invitations"),
    "survey_answer": ("enquêteantwoorden", "survey answers"),
    "monitor": ("monitor", "monitor"),
    "monitors": ("monitors", "monitors"),
    "school_id": ("scholen", "schools"),
    "monitor_interval": ("spannen van de monitors", "monitor spans"),
    "issue_completion": ("afgeronde issues", "completed issues"),
    "issue_open_interval": ("openstaande issues", "open issues"),
    "metric_sample": ("metingen", "samples"),
    "histogram_increase": ("histogramtellingen", "histogram counts"),
    "counter_increase": ("tellerstanden per uur", "hourly counts"),
    "increase_e3": ("toename", "increase"),
    "hour_start_at": ("uur", "hour"),
    "pipeline_run": ("runs van de pijplijn", "pipeline runs"),
    "email_message": ("e-mailberichten", "e-mail messages"),
    "accepted_at": ("aangenomen", "accepted"),
    "mrr_change": ("wijzigingen van de MRR", "changes of MRR"),
    "subscription_trial": ("proefperiodes", "trials"),
    "billing_customer": ("betalende klanten", "billed customers"),
    "lead_trial": ("leads", "leads"),
    "trial_started_at": ("begin van de proefperiode", "start of the trial"),
    "free_account": ("gratis klanten", "free accounts"),
    "free_from_at": ("begin van het gratis abonnement", "start of the free plan"),
    "upgraded_at": ("eerste MRR", "first MRR"),
    "free_month": (
        "klanten die bij het begin van de maand gratis waren",
        "customers on a free plan as the month began",
    ),
    "month_starts_at": ("begin van de maand", "start of the month"),
    "paid_from_at": ("MRR vanaf", "MRR since"),
    "paid_until_at": ("MRR tot", "MRR until"),
    "delta_minor": ("verschil", "difference"),
    "changed_at": ("gewijzigd", "changed"),
    "customer_id": ("klanten", "customers"),
    "first_mrr_at": ("eerste MRR", "first MRR"),
    "web_day": ("websitebezoek per dag", "website traffic by day"),
    "web_month": ("websitebezoekers van de maand", "website visitors of the month"),
    "sessions": ("sessies", "sessions"),
    "engaged_sessions": ("betrokken sessies", "engaged sessions"),
    "users": ("unieke gebruikers", "distinct users"),
    "month_day": ("dag", "day"),
    "ledger_entry": ("boekhoudregels", "ledger entries"),
    "scorecard_value": ("opgegeven cijfers", "reported figures"),
    "milestone": ("mijlpalen", "milestones"),
    "project": ("projecten", "projects"),
    "roadmap_item": ("roadmap-items", "roadmap items"),
    "roadmap_delivery": ("roadmap-items", "roadmap items"),
    "product_class": ("productklassen", "product classes"),
    "employee": ("medewerkers", "employees"),
    "employee_result": ("uitslagen van medewerkers", "results of employees"),
    "knowledge_item": ("documenten en sessies", "documents and sessions"),
    "certificate": ("certificaten", "certificates"),
    "control": ("beheersmaatregelen", "controls"),
    "grade": ("beoordelingen", "grades"),
    "purchase_order": ("bestellingen", "orders"),
    "workflow_run": ("uitvoeringen van workflows", "workflow runs"),
    "security_incident": ("beveiligingsincidenten", "security incidents"),
    "vulnerability": ("kwetsbaarheden", "vulnerabilities"),
    "quality_score": ("scores van de codekwaliteit", "code quality scores"),
    "cost_minor": ("kosten", "cost"),
    "budget_minor": ("budget", "budget"),
    "value_e2": ("waarde", "value"),
    "score_e2": ("score", "score"),
    "due_day": ("afgesproken dag", "due day"),
    "taken_day": ("afgenomen", "taken"),
    "joined_day": ("in dienst", "joined"),
    "in_30_day": ("30 dagen in dienst", "30 days in service"),
    "in_6_months_day": ("zes maanden in dienst", "six months in service"),
    "gone_day": ("uit dienst", "left"),
    "next_day": ("de volgende", "the next one"),
    "expires_day": ("verlopen", "expired"),
    "expiring_day": ("90 dagen voor het verlopen", "90 days before it expires"),
    "in_quarter": ("binnen het kwartaal geleverd", "delivered in its quarter"),
    "to_day": ("de volgende stand", "the next look"),
    "month_over_day": ("maand voorbij", "month over"),
    "end_day": ("einddag", "last day"),
    "first_baseline_end_day": ("einddag volgens contract", "last day by contract"),
    "baseline_day": ("bevroren planning", "frozen plan"),
    "actual_day": ("afgerond", "done"),
    "delivered_day": ("geleverd", "delivered"),
    "classed_mrr_change": ("veranderingen van MRR", "changes of MRR"),
    "price_indexation": ("geïndexeerde prijzen", "indexed prices"),
    "customer_opinion": ("oordelen van klanten", "opinions of customers"),
    "arr_minor": ("ARR", "ARR"),
    "arr_score_minor": ("ARR maal score", "ARR times score"),
    "score": ("score", "score"),
    "respondent": ("respondenten", "respondents"),
    "ticket_id": ("tickets", "tickets"),
    "project_id": ("projecten", "projects"),
    "employee_id": ("medewerkers", "employees"),
    "placed_at": ("geplaatst", "placed"),
    "fulfilled_at": ("geleverd", "fulfilled"),
    "started_at": ("gestart", "started"),
    "finished_at": ("klaar", "finished"),
    "raised_at": ("gemeld", "raised"),
    "acknowledged_at": ("opgepakt", "acknowledged"),
    "found_at": ("gevonden", "found"),
    "fixed_at": ("verholpen", "fixed"),
    "issue": ("issues", "issues"),
    "cycle": ("sprints", "sprints"),
    "deal": ("deals", "deals"),
    "school": ("scholen", "schools"),
    "demo": ("afspraken", "meetings"),
    "pilot": ("pilots", "pilots"),
    "pilot_week": ("pilotweken", "pilot weeks"),
    "school_phase": ("scholen in pilot of onder contract", "schools in a pilot or under contract"),
    "school_holiday": ("vakantiedagen van scholen", "school holidays"),
    "seat": ("plaatsen van docenten en leerlingen", "places of teachers and students"),
    "seat_use": ("gebruik door docenten en leerlingen", "use by teachers and students"),
    "seated_at": ("plaats ingenomen", "seat taken"),
    "settled_at": ("langer dan 7 dagen", "longer than 7 days"),
    "whole_month_from_at": ("de hele maand", "the whole month"),
    "left_at": ("plaats verlaten", "seat left"),
    "profile_set_at": ("profiel ingesteld", "profile set"),
    "signed_at": ("getekend", "signed"),
    "pilot_started_at": ("begin van de pilot", "start of the pilot"),
    "go_at": ("go", "go"),
    "overdue_at": ("meer dan 10 dagen na de go", "more than 10 days after the go"),
    "contract_signed_at": ("getekend", "signed"),
    "contract_signed_day": ("dag van tekenen", "day of signing"),
    "go_day": ("dag van de go", "day of the go"),
    "high_since_at": ("P1 of P2 sinds", "P1 or P2 since"),
    "live_at": ("live", "live"),
    "first_student_at": ("eerste actieve leerling", "first active student"),
    "onboarding_ms": ("dagen van handtekening tot live", "days from signature to live"),
    "implementation_ms": ("dagen van go tot eerste leerling", "days from go to first student"),
    "meeting": ("afspraken", "meetings"),
    "usage_day": ("gebruik per dag", "use by day"),
    "session": ("sessies", "sessions"),
    "product_user": ("gebruikers", "users"),
    "account": ("accounts", "accounts"),
    "dashboard": ("dashboards", "dashboards"),
    "active_dashboard": ("dashboards van actieve gebruikers", "dashboards of active users"),
    "from_day": ("eerste dag", "first day"),
    "until_day": ("dag erna", "day after"),
    "connection_attempt": ("koppelpogingen", "connection attempts"),
    "sync": ("synchronisaties", "syncs"),
    "api_usage": ("API-gebruik", "API use"),
    "assignment": ("opdrachten", "assignments"),
    "support_ticket": ("supportvragen", "support tickets"),
    "user_id": ("gebruikers", "users"),
    "account_id": ("accounts", "accounts"),
    "source_name": ("bronnen", "sources"),
    "event": ("soorten handelingen", "kinds of event"),
    "duration_ms": ("duur", "duration"),
    "page_views": ("bekeken pagina's", "page views"),
    "calls": ("aanroepen", "calls"),
    "first_reply_at": ("eerste antwoord", "first reply"),
    "resolved_at": ("opgelost", "solved"),
    "signed_up_at": ("aangemeld", "signed up"),
    "synced_at": ("gesynchroniseerd", "synced"),
    "created_at": ("aangemaakt", "created"),
    "starts_at": ("begin", "start"),
    "ends_at": ("einde", "end"),
    "closed_at": ("gesloten", "closed"),
    "open_until_at": ("gesloten fase", "closed stage"),
    "annual_minor": ("jaarwaarde", "annual value"),
    "one_time_minor": ("eenmalig bedrag", "one-time amount"),
    "cycle_ends_at": ("einde van de sprint", "end of the sprint"),
    "estimate": ("punten", "points"),
    "qualified_at": ("gekwalificeerd", "qualified"),
    "first_contact_at": ("eerste contact", "first contact"),
    "first_paid_at": ("eerste betaling", "first payment"),
    "paid_in_full_at": ("volledige betaling", "full payment"),
    "fully_refunded_at": ("volledige terugbetaling", "full refund"),
    "refunded_at": ("terugbetaald", "refunded"),
    "sent_at": ("verstuurd", "sent"),
    "bounced_at": ("onbestelbaar", "bounced"),
    "answered_at": ("beantwoord", "answered"),
    "event_at": ("datum van het event", "event date"),
    "submitted_at": ("ingestuurd", "submitted"),
    "superseded_at": ("vervangen door een later antwoord", "superseded by a later answer"),
    "completed_at": ("afgerond", "completed"),
    "reopened_at": ("heropend", "reopened"),
    "net_minor": ("netto bedrag", "net amount"),
    "amount_minor": ("bedrag", "amount"),
    "day": ("dag", "day"),
    "promoters": ("promoters (9-10)", "promoters (9-10)"),
    "detractors": ("criticasters (0-6)", "detractors (0-6)"),
    "assessed_day": ("beoordeeld", "assessed"),
    "canceled_at": ("geannuleerd", "cancelled"),
    "confirmed_at": ("bevestigd", "confirmed"),
    "delivered_at": ("bezorgd", "delivered"),
    "end_at": ("einde", "end"),
    "ended_at": ("geëindigd", "ended"),
    "first_at": ("eerste MRR", "first MRR"),
    "first_attempt_at": ("eerste poging", "first attempt"),
    "first_dashboard_at": ("eerste dashboard", "first dashboard"),
    "first_key_event_at": ("eerste belangrijke handeling", "first key event"),
    "product": ("producten", "products"),
    "sampled_at": ("gemeten", "sampled"),
    "setup_completed_at": ("inrichting klaar", "setup done"),
    "start_at": ("begin", "start"),
    "succeeded_at": ("gelukt", "succeeded"),
    "value_e6": ("waarde", "value"),
    "with": ("met", "with"),
    "where": ("alleen waar", "only where"),
    "until": ("tot", "until"),
    "known": ("na", "after"),
    "in_window": ("in het venster", "in the window"),
    "unique": ("unieke", "distinct"),
    "of": ("van", "of"),
    "mean": ("gemiddelde", "mean"),
    "median": ("mediaan", "median"),
    "p90": ("90e percentiel", "90th percentile"),
    "p95": ("95e percentiel", "95th percentile"),
    "from": ("vanaf", "from"),
    "to": ("tot", "to"),
}


def describe(company: Company, kpi: Kpi, language: str) -> str:
    """The formula, the window and the settling time in one sentence, 'nl' or 'en'; other KPIs in it by their names."""
    from kpi_pipeline.metrics.kinds import KINDS  # kinds word themselves with this module

    formula = KINDS[kpi.kind].words(kpi.params, language)
    named = {name: company.kpis[name].title(language) for name in references(kpi) if name in company.kpis}
    formula = NAME.sub(lambda match: named.get(match[0], match[0]), formula) if named else formula
    unit = UNITS[kpi.unit]
    times = " × 100" if _is_scaled(kpi) else ""
    parts = [f"{formula}{times}", window_in_words(windows.parse(kpi.window), language)]
    if kpi.settles_after:
        span = span_in_words(int(kpi.settles_after.total_seconds() * 1_000), language)
        late = {"nl": f"late gegevens tellen nog {span} mee", "en": f"late records count for {span}"}
        parts.append(late[language])
    label = unit.nl if language == "nl" else unit.en
    return "; ".join(parts) + (f" [{label}]" if label else "")


def _is_scaled(kpi: Kpi) -> bool:
    """Whether a quotient becomes a percentage or points; other KPIs in a formula are in their own units already."""
    if kpi.kind != "formula":
        return kpi.unit in ("percent", "points")
    tree = parse(kpi.params.expression)  # type: ignore[attr-defined]
    return kpi.unit == "percent" and isinstance(tree, Operation) and tree.operator == "/"


def term(name: str, language: str) -> str:
    """The word for a fact or column; a name without one is written out."""
    return TERMS[name][LANGUAGES.index(language)] if name in TERMS else name.replace("_", " ")


def condition(text: str, language: str) -> str:
    """'only where paid_at ≤ ended_at + 14 × 24 hours', which is declared in milliseconds; "" without a condition."""
    if not text:
        return ""
    spans = MILLISECONDS.sub(lambda found: span_in_words(int(found[0]), language), text)
    return f"{term('where', language)} {spans.replace('<=', '≤').replace('>=', '≥')}"


def sides_in_words(sides: Iterable[Any], language: str) -> str:
    """'bookings (first payment in the window; only where …; until full refund)', joined with + and −."""
    text = ""
    for side in sides:
        sign = " − " if getattr(side, "minus", False) else " + "
        text += (sign if text else sign.strip(" +")) + side_in_words(side, language)
    return text


def side_in_words(side: Any, language: str) -> str:
    noun = term(side.fact, language)
    if getattr(side, "sum", ""):
        noun = f"Σ {term(side.sum, language)} {term('of', language)} {noun}"
    if getattr(side, "distinct", ""):
        noun = f"{term('unique', language)} {noun}"
    details = [f"{term(side.time, language)} {term('in_window', language)}", condition(side.where, language)]
    details += [f"{term('known', language)} {term(name, language)}" for name in side.known]
    details += [f"{term('until', language)} {term(name, language)}" for name in side.until]
    return f"{noun} ({'; '.join(filter(None, details))})"


def window_in_words(window: Window, language: str) -> str:
    n, nl = window.length, language == "nl"
    match window.shape:
        case Shape.DAYS:
            lag = window.lag_days
            ending = (f", eindigend {lag} dagen geleden" if nl else f", ending {lag} days ago") if lag else ""
            return (f"voortschrijdend {n} dagen" if nl else f"rolling {n} days") + ending
        case Shape.SECONDS:
            span = span_in_words(n * 1_000, language)
            return f"voortschrijdend precies {span}" if nl else f"rolling exactly {span}"
        case Shape.CALENDAR:
            if window.unit == "fortnight":
                return "per twee weken, tot en met de dag" if nl else "two weeks to date"
            names = {"day": "dag", "week": "week", "month": "maand", "quarter": "kwartaal", "year": "jaar"}
            return f"per kalender{names[window.unit]}, tot en met de dag" if nl else f"calendar {window.unit} to date"
        case Shape.COMPLETE_MONTHS:
            return f"de laatste {n} hele maanden" if nl else f"the last {n} complete months"
        case Shape.FIXED:
            first, last = window.span or ("", "")
            return f"van {first} tot en met {last}" if nl else f"from {first} to {last}"
        case Shape.INSTANT:
            return "stand aan het eind van de dag" if nl else "as it stands at the end of the day"


def span_in_words(milliseconds: int, language: str) -> str:
    """1209600000 → '14 × 24 uur'; 7200000 → '2 uur'."""
    units = ((86_400_000, ("× 24 uur", "× 24 hours")), (3_600_000, ("uur", "hours")), (60_000, ("minuten", "minutes")))
    for size, names in units:
        if milliseconds % size == 0:
            return f"{milliseconds // size} {names[LANGUAGES.index(language)]}"
    return f"{milliseconds} ms"
