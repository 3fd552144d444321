"""Plays a timeline through the real evaluation and the real look at the clock, on a history in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from kpi_pipeline.alerts import decisions, ledger, silences, taken_up, told
from kpi_pipeline.alerts.around import Sight
from kpi_pipeline.alerts.evaluate import Evaluation, evaluate
from kpi_pipeline.alerts.model import FRESHNESS, AlertState, Level
from kpi_pipeline.alerts.rules import rules_of
from kpi_pipeline.alerts.watch import Finding, Watch, watch
from kpi_pipeline.catalogue.amend import amended
from kpi_pipeline.catalogue.model import Company, Rule
from kpi_pipeline.flow.sight import upstream
from kpi_pipeline.flow.timelines.clock import LocalClock
from kpi_pipeline.flow.timelines.measured import ONE_DAY, Measured
from kpi_pipeline.flow.timelines.script import Act, Timeline
from kpi_pipeline.history.database import writing
from kpi_pipeline.history.memory import Scratch
from kpi_pipeline.history.observation import Observation


@dataclass(frozen=True, slots=True)
class Story:
    """What happened: the states that were asked for and the notices, as lines like those of a timeline, and the log."""

    states: tuple[str, ...]
    notices: tuple[str, ...]
    log: tuple[str, ...]


class Stage:
    """A company on which one timeline is played, from an empty history on."""

    def __init__(self, company: Company, timeline: Timeline, scratch: Scratch) -> None:
        self.timeline, self.scratch = timeline, scratch
        self.clock = LocalClock(company.tz)
        self._set_up(amended(company, timeline.change, timeline.file))
        self.stale: dict[str, datetime] = {}
        self.findings: dict[str, Finding] = {}
        self.incomplete: tuple[str, ...] = ()
        self.recorded: dict[tuple[str, str, object], Observation] = {}
        self.eligible: dict[str, int] = {}

    def play(self) -> Story:
        """Everything in order of time; at one moment runs come first, then acts, then the look at the clock."""
        self.scratch.clear()
        asked = [self.clock.instant(seen.at) for seen in self.timeline.states]
        acts = [(self.clock.instant(act.at), act) for act in self.timeline.acts]
        end = self._end([*asked, *(at for at, _ in acts)])
        looks = {*asked, *(at for at, _ in acts), *self._ticks(end)}
        states: dict[datetime, str] = {}
        for now in sorted({*looks, *self._runs(end)}):
            is_news = self._run(now)
            for at, act in acts:
                if at == now:
                    self._do(act, now)
            if is_news or now in looks:
                self._look(now)
            if now in asked:
                states[now] = self._state_text()
        return Story(
            tuple(f"{self.clock.text(at)} {states[at]}" for at in asked), tuple(self._notices()), tuple(self._log())
        )

    def _set_up(self, company: Company) -> None:
        """The company with the rules that are asked for, and others about the same KPIs, which may inhibit them."""
        mine = (self.timeline.rule, *self.timeline.also)
        kpis = {key.partition("/")[0] for key in self.timeline.series}
        rules = [
            rule
            for rule in company.alerts.rules
            if rule.id in mine or (rule.judges_thresholds and rule.by is None and rule.kpi in kpis)
        ]
        alerts = company.alerts.model_copy(update={"rules": tuple(rules)})
        self.company = company.model_copy(update={"alerts": alerts})
        self.series = [Measured(self.company, self.timeline, key) for key in self.timeline.series]
        self.upstream = {item.kpi.id: upstream(self.company, item.kpi) for item in self.series}

    def _end(self, written: list[datetime]) -> datetime:
        """When nothing can happen any more that is not written."""
        known = [item.known_by() + self._settling(item.kpi.id) + ONE_DAY for item in self.series]
        until = [] if self.timeline.until is None else [self.clock.instant(self.timeline.until)]
        return max([*written, *known, *until], default=self.clock.midnight(self.timeline.start))

    def _runs(self, end: datetime) -> Iterator[datetime]:
        day = self.timeline.start
        while self.clock.midnight(day) <= end:
            yield from (self.clock.instant(datetime.combine(day, at)) for at in self.timeline.runs_at)
            day += ONE_DAY

    def _ticks(self, end: datetime) -> Iterator[datetime]:
        now = self.clock.midnight(self.timeline.start)
        while self.timeline.tick is not None and now <= end:
            yield now
            now += self.timeline.tick

    def _run(self, now: datetime) -> bool:
        """Record and judge what is new since the last run, and whether anything was."""
        is_news = False
        if self.clock.shows(now) not in self.timeline.runs_at:
            return is_news
        for name in dict.fromkeys(item.kpi.id for item in self.series):
            rows = [row for item in self.series if item.kpi.id == name for row in item.rows(now)]
            new = [row for row in rows if self.recorded.get((row.kpi, row.segment, row.day)) != row]
            closed_until = self._sight(name, now).closed_until
            eligible = sum(row.period_end <= closed_until for row in rows)
            if not new and eligible == self.eligible.get(name, 0):
                continue
            is_news = True
            self.eligible[name] = eligible
            self.recorded.update({(row.kpi, row.segment, row.day): row for row in new})
            run_id = f"run at {self.clock.text(now)}"
            judging = Evaluation(self.company, lambda kpi: self._sight(kpi, now), now, run_id)
            store = self.scratch.store
            store.record(new or rows[-1:], run_id=run_id, now=now, within=evaluate(judging, [name]))
        return is_news

    def _sight(self, kpi: str, now: datetime) -> Sight:
        names = self.upstream.get(kpi, ())
        until = [self.stale.get(name, now) - self.company.sources[name].settles_after for name in names]
        return Sight(min(until, default=now), names)

    def _settling(self, kpi: str) -> timedelta:
        return max((self.company.sources[name].settles_after for name in self.upstream[kpi]), default=timedelta(0))

    def _do(self, act: Act, now: datetime) -> None:
        if act.change is not None:
            self._set_up(amended(self.company, act.change, self.timeline.file))
        if act.stale is not None:
            self.stale[act.stale] = now
            self.findings[act.stale] = self._found(act.stale, "warning")
        if act.fresh is not None:
            del self.stale[act.fresh]
            self.findings[act.fresh] = self._found(act.fresh, "ok")
        if act.incomplete is not None:
            self.incomplete = act.incomplete
        if act.acknowledge is not None:
            self._acknowledge(act, now)
        if act.silence is not None:
            self._silence(act, now)
        if act.decide is not None:
            self._decide(act, now)

    def _found(self, source: str, level: Level) -> Finding:
        since = self.stale.get(source)
        content = {"source": source, "newest": None if since is None else since.isoformat(), "loaded": None}
        owners = (self.company.sources[source].owner,)
        return Finding(f"source/{source}", FRESHNESS, level, owners, content, evidence="stale")

    def _acknowledge(self, act: Act, now: datetime) -> None:
        given = act.acknowledge
        if given is None:
            return
        until = now + self.company.alerts.acknowledged_for if given.until is None else self.clock.instant(given.until)
        with writing(self.scratch.store.engine, "acknowledging", self.company.id) as connection:
            state = ledger.load(connection, *self._identity())
            taken_up.take_up(
                connection, self.company, state, author=given.by, reason=given.reason, until=until, now=now
            )

    def _silence(self, act: Act, now: datetime) -> None:
        given = act.silence
        if given is None:
            return
        with writing(self.scratch.store.engine, "silencing", self.company.id) as connection:
            silences.add(
                connection,
                self.company.id,
                matchers=list(given.match),
                starts_at=now,
                ends_at=self.clock.instant(given.until),
                author=given.by,
                reason=given.reason,
                now=now,
            )

    def _decide(self, act: Act, now: datetime) -> None:
        given = act.decide
        if given is None:
            return
        with writing(self.scratch.store.engine, "deciding", self.company.id) as connection:
            for row in decisions.listed(connection, self.company.id, open_only=True):
                if row["rule"] == self.timeline.rule:
                    decisions.decide(
                        connection,
                        self.company.id,
                        row["id"],
                        author=given.by,
                        text=given.text,
                        action_owner=None,
                        action_due=None,
                        now=now,
                    )

    def _look(self, now: datetime) -> None:
        listed = [{"kpi": kpi, "what": "missing"} for kpi in self.incomplete]
        run = Watch(self.company, now, list(self.findings.values()), self.upstream, listed)
        with writing(self.scratch.store.engine, "watching", self.company.id) as connection:
            watch(connection, run)

    def _rule(self) -> Rule:
        wanted = (rule for rule in rules_of(self.company) if rule.id == self.timeline.rule)
        return next(rule for rule in wanted if self.timeline.kpi in (None, rule.kpi))

    def _identity(self) -> tuple[str, str, str, str]:
        rule = self._rule()
        return (self.company.id, rule.subject, rule.id, self.timeline.segment)

    def _state_text(self) -> str:
        with self.scratch.store.engine.connect() as connection:
            state = ledger.load(connection, *self._identity())
            listed = decisions.listed(connection, self.company.id)
        mine = [row for row in listed if row["rule"] == self.timeline.rule]
        newest = sorted(mine, key=lambda row: row["opened_at"])[-1:]
        asked = "".join(" to_decide" if row["decided_at"] is None else " decided" for row in newest)
        return f"{state_text(self._rule(), state)}{asked}"

    def _notices(self) -> Iterator[str]:
        identity = self._identity()[1:3]
        with self.scratch.store.engine.connect() as connection:
            rows = told.told(connection, self.company)
        for row in rows:
            mine = (row.subject, row.rule) == identity
            if mine or row.rule in self.timeline.also:
                of = "" if mine else f" of {row.rule}"
                yield f"{self.clock.text(row.at)} {row.reason} {row.level} to {', '.join(row.people) or 'nobody'}{of}"

    def _log(self) -> Iterator[str]:
        with self.scratch.store.engine.connect() as connection:
            for at, why, day in told.logged(connection, *self._identity()):
                yield f"{self.clock.text(at)} {why}" + ("" if day is None else f" ({day})")


def state_text(rule: Rule, state: AlertState) -> str:
    """Where an alert stands in a few words: 'pending 1/2', 'firing(warning) suppressed(mute)', 'recovering 1/3'."""
    where = {
        "pending": f"pending {state.low_count}/{rule.hold_for.amount}" if rule.hold_for.is_counted else "pending",
        "firing": f"firing({state.level})",
        "recovering": f"recovering {state.good_count}/{rule.recover_periods}",
    }.get(state.phase, state.phase)
    held = f"suppressed({state.suppressed})" if state.suppressed else ""
    return " ".join(filter(None, (where, state.evidence, held, "paused" if state.paused else "")))
