"""`kpi alerts`: what fires, what people do about it, who is told, and what became of the notices."""

from __future__ import annotations

import typer

from kpi_pipeline.cli import (
    alerts_backtest,
    alerts_decisions,
    alerts_deliveries,
    alerts_hands,
    alerts_list,
    alerts_proof,
    alerts_routes,
    alerts_silences,
)

app = typer.Typer(help="Alerts: list, silence, acknowledge, decide; rules, routes and notices.", no_args_is_help=True)
app.command(name="list")(alerts_list.list_alerts)
app.command()(alerts_list.show)
app.command()(alerts_routes.rules)
app.command()(alerts_routes.routes)
app.command()(alerts_routes.who)
app.command()(alerts_silences.silence)
app.command()(alerts_silences.silences)
app.command()(alerts_silences.unsilence)
app.command()(alerts_hands.ack)
app.command()(alerts_hands.unack)
app.command()(alerts_hands.pause)
app.command()(alerts_hands.resume)
app.command()(alerts_decisions.decisions)
app.command()(alerts_decisions.decide)
app.command()(alerts_decisions.conclude)
app.command()(alerts_deliveries.deliver)
app.command()(alerts_deliveries.dead)
app.command()(alerts_deliveries.replay)
app.command()(alerts_deliveries.fire)
app.command(name="test")(alerts_proof.play)
app.command()(alerts_backtest.backtest)
