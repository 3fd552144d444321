"""What a company's pages say of its alerts: what is held back or in hand, and which messages did not arrive."""

from __future__ import annotations

from kpi_pipeline.alerts.fallback import DeadLetter
from kpi_pipeline.alerts.standing import Standing
from kpi_pipeline.alerts.state_words import held, when
from kpi_pipeline.catalogue import Company
from kpi_pipeline.flow import alert_view, deliveries
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.reports.held import Beside, Held, Undelivered


def beside(workspace: Workspace, company: Company) -> Beside:
    """As it stands now; alerts at rest too, because who silenced one wants to see that. Raises StoreUnavailable."""
    found: dict[str, dict[Held, None]] = {}
    for standing in alert_view.alerts(workspace, company, everything=True):
        for kpi in _kpis(company, standing):
            lines = found.setdefault(kpi, {})
            lines.update(dict.fromkeys(Held(*pair) for pair in held(company, standing)))
    letters = deliveries.dead_letters(workspace, company)
    return Beside(
        held={kpi: tuple(lines) for kpi, lines in found.items() if lines},
        undelivered=tuple(_undelivered(company, letter) for letter in letters),
    )


def _kpis(company: Company, standing: Standing) -> list[str]:
    """The KPIs that an alert is about; none where it is about a source."""
    named = (standing.state.subject, *(() if standing.rule is None else standing.rule.kpis))
    return [name for name in dict.fromkeys(named) if name in company.kpis]


def _undelivered(company: Company, letter: DeadLetter) -> Undelivered:
    """Without its recipients, who are nobody's business but the sender's."""
    subjects = dict.fromkeys(told.subject for told in letter.told)
    named = [company.kpis[each].title(company.language) if each in company.kpis else each for each in subjects]
    return Undelivered(
        at=when(company, letter.created_at),
        channel=letter.channel,
        about=", ".join(named),
        error=letter.error,
        instead=letter.fallback or "",
    )
