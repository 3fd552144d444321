"""`kpi alerts`: what is firing, and what became of the notices."""

from __future__ import annotations

import typer
from sqlalchemy import select

from kpi_pipeline.alerts.tables import alert_state, delivery, dispatch, notice
from kpi_pipeline.catalogue.display import kpi_text
from kpi_pipeline.cli import alerts_deliveries, options
from kpi_pipeline.cli.output import COLOURS, console, table, write_json

app = typer.Typer(help="Alerts and their notices.", no_args_is_help=True)


@app.command(name="list")
def list_alerts(company: options.CompanyArg, as_json: options.Json = False) -> None:
    """Every rule that is not ok, and the last notices with their deliveries; exit code 1 when something fires."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        with workspace.history.engine.connect() as connection:
            firing = connection.execute(
                select(alert_state).where(alert_state.c.company == company, alert_state.c.level != "ok")
            ).all()
            sent = connection.execute(
                select(
                    notice.c.id,
                    notice.c.subject,
                    notice.c.reason,
                    notice.c.level,
                    notice.c.created_at,
                    dispatch.c.channel,
                    dispatch.c.status,
                    dispatch.c.attempts,
                    dispatch.c.error,
                )
                .join(delivery, delivery.c.notice_id == notice.c.id)
                .join(dispatch, dispatch.c.id == delivery.c.dispatch_id)
                .where(notice.c.company == company)
                .order_by(notice.c.created_at.desc(), delivery.c.id)
                .limit(50)
            ).all()
    if as_json:
        write_json({"firing": [dict(row._mapping) for row in firing], "notices": [dict(row._mapping) for row in sent]})
    else:
        rows = []
        for row in firing:
            kpi = company_.kpis.get(row.subject)
            shown = "" if kpi is None else kpi_text(kpi, row.value, company_.language)
            rows.append((f"[{COLOURS[row.level]}]{row.level}[/]", row.subject, row.rule, row.since_day or "", shown))
        table("Firing", ("level", "subject", "rule", "since", "value"), rows)
        console.print()
        table(
            "Notices",
            ("at", "subject", "reason", "level", "channel", "status", "attempts"),
            [
                (
                    f"{row.created_at:%Y-%m-%d %H:%M}",
                    row.subject,
                    row.reason,
                    row.level,
                    row.channel,
                    row.status,
                    row.attempts,
                )
                for row in sent
            ],
        )
    if firing:
        raise typer.Exit(1)


app.command()(alerts_deliveries.deliver)
app.command()(alerts_deliveries.dead)
app.command()(alerts_deliveries.replay)
app.command()(alerts_deliveries.fire)
