"""The alert desk of the UI: silence, acknowledge, pause and decide as a job with a typed form, one operation a run."""

from collections.abc import Callable, Sequence
from datetime import date
from html import escape

import dagster as dg

from kpi_pipeline.alerts.state_words import notes, state_text, when
from kpi_pipeline.catalogue import Company
from kpi_pipeline.errors import UsageError
from kpi_pipeline.flow import alert_desk, alert_view
from kpi_pipeline.flow.alert_desk import Done
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.orchestration.alert_forms import AlertDesk, Conclude, Decide, Look, Operation, Unsilence
from kpi_pipeline.orchestration.failures import failing_as_dagster
from kpi_pipeline.orchestration.resources import WorkspaceParam

HEADINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "nl": {
        "alerts": ("stand", "melding", "regel", "wat is gedaan"),
        "silences": ("id", "gedempt", "tot", "door", "waarom"),
        "decisions": ("id", "besluit gevraagd", "uiterlijk"),
        "nothing": ("Er is niets aan de hand.",),
    },
    "en": {
        "alerts": ("state", "alert", "rule", "what was done"),
        "silences": ("id", "silenced", "until", "by", "why"),
        "decisions": ("id", "decision asked", "due"),
        "nothing": ("Nothing is wrong.",),
    },
}


def alert_desk_job(company: Company) -> dg.JobDefinition:
    """Does one operation and shows what is so now; what was written wrong fails the run at once, without retries."""

    @dg.op(name=f"{company.id}_alert_desk_operation")
    def operate(context: dg.OpExecutionContext, config: AlertDesk, workspace: WorkspaceParam) -> None:
        with failing_as_dagster():
            done = _do(workspace.open, company, config.do)
            standing = _standing(workspace.open, company)
        for line in done.lines:
            context.log.info(line)
        context.add_output_metadata(
            {
                "operation": done.operation,
                "done": dg.MetadataValue.md("\n".join(f"- {_escaped(line)}" for line in done.lines) or "–"),
                "now": dg.MetadataValue.md(standing),
            }
        )

    # Without the tag of the company: a form filled in wrongly is no failed run that owners of data are told of.
    # The launchpad opens with the operation that changes nothing, not with all of them, of which one may be given.
    @dg.job(
        name=f"{company.id}_alert_desk",
        config={"ops": {f"{company.id}_alert_desk_operation": {"config": {"do": {"look": {}}}}}},
        description=(
            "For people: silence, acknowledge or pause alerts, and write down decisions. Open the launchpad, choose "
            "one operation under `do`, and launch; the run's output says what was done and what is so now. "
            "`kpi alerts` does the same."
        ),
    )
    def job() -> None:
        operate()

    return job


def _do(workspace: Workspace, company: Company, do: Operation) -> Done:
    if isinstance(do, Look):
        return Done("look", ())
    fields = {name: value for name, value in do.model_dump(exclude={"operation"}).items() if value != ""}
    if isinstance(do, Unsilence):
        fields["silence_id"] = fields.pop("silence", "")
    if isinstance(do, Decide | Conclude):
        fields["decision_id"] = fields.pop("id", "")
    if "action_due" in fields:
        fields["action_due"] = _day(fields["action_due"])
    acts: dict[str, Callable[..., Done]] = {
        "silence": alert_desk.silence,
        "unsilence": alert_desk.unsilence,
        "acknowledge": alert_desk.acknowledge,
        "unacknowledge": alert_desk.unacknowledge,
        "pause": alert_desk.pause,
        "resume": alert_desk.resume,
        "decide": alert_desk.decide,
        "conclude": alert_desk.conclude,
    }
    missing = [name for name, field in type(do).model_fields.items() if field.is_required() and not getattr(do, name)]
    if missing:
        fault = f"{', '.join(missing)} must not be empty"
        raise UsageError(f"{do.operation} of {company.id}", fault, remedy="Fill them in and launch again")
    return acts[do.operation](workspace, company, **fields)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"reading the day {text!r}", "it is not a date", remedy="Write it as 2026-11-21") from None


def _standing(workspace: Workspace, company: Company) -> str:
    """What fires, is silenced and waits, as Markdown tables."""
    language = company.language
    alerts = [
        (state_text(each.state, language), each.title, each.state.rule, "; ".join(notes(company, each)))
        for each in alert_view.alerts(workspace, company)
    ]
    silences = [
        (each.id[:8], each.matched, when(company, each.ends_at), each.author, each.reason)
        for each in alert_view.silences_of(workspace, company)
    ]
    decisions = [
        (each.row["id"][:8], each.row["question"], when(company, each.row["due_at"]))
        for each in alert_view.decisions_of(workspace, company, open_only=True)
    ]
    headings = HEADINGS[language]
    parts = (("alerts", alerts), ("silences", silences), ("decisions", decisions))
    return "\n\n".join(_table(headings[name], rows) for name, rows in parts if rows) or headings["nothing"][0]


def _table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "\n".join(f"| {' | '.join(_escaped(cell) for cell in line)} |" for line in lines)


def _escaped(text: str) -> str:
    """Text of people within a Markdown cell."""
    return escape(" ".join(text.split()), quote=False).replace("|", "\\|")
