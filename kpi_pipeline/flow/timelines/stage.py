"""Plays a timeline through the real evaluation and the real look at the clock, on a history in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from kpi_pipeline.alerts import acknowledgements, decisions, ledger, silences, told
from kpi_pipeline.alerts.around import Sight
from kpi_pipeline.alerts.evaluate import Evaluation, evaluate
from kpi_pipeline.alerts.model import FRESHNESS, AlertState
from kpi_pipeline.alerts.periods import end as end_of_period
from kpi_pipeline.alerts.rules import rules_of
from kpi_pipeline.alerts.watch import Finding, Watch, watch
from kpi_pipeline.catalogue.amend import amended
from kpi_pipeline.catalogue.model import Company, Kpi, Rule
from kpi_pipeline.flow.measure import observation
from kpi_pipeline.flow.sight import upstream
from kpi_pipeline.flow.timelines.notation import Cell, parse_series
from kpi_pipeline.flow.timelines.script import Act, Timeline
from kpi_pipeline.history.database import writing
from kpi_pipeline.history.memory import Scratch
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.metrics import windows
from kpi_pipeline.metrics.engine import Measurement
from kpi_pipeline.metrics.spine import Spine

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Story:
    """What happened: the states that were asked for and the notices, as lines like those of a timeline, and the log."""

    states: tuple[str, ...]
    notices: tuple[str, ...]
    log: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """The values of one KPI and segment: what is known of each day, and how many days one period later is."""

    kpi: Kpi
    segment: str
    cells: Mapping[date, Cell]
    days: Sequence[date]


class Stage:
    """A company on which one timeline at a time is played; `clear` of the history comes first."""

    def __init__(self, company: Company, timeline: Timeline, scratch: Scratch) -> None:
        self.timeline, self.scratch = timeline, scratch
        self.company = self._only_what_plays(amended(company, timeline.change, timeline.file))
        self.series = [self._measured(name) for name in timeline.series]
        self.upstream = {item.kpi.id: upstream(self.company, item.kpi) for item in self.series}
        self.stale: dict[str, datetime] = {}
        self.incomplete: tuple[str, ...] = ()
        self.findings: dict[str, Finding] = {}
        self.recorded: dict[tuple[str, str, date], Observation] = {}
        self.eligible: dict[str, int] = {}
        self.made: dict[tuple[object, ...], Observation] = {}

    def play(self) -> Story:
        """Everything in order of time; at one moment runs come first, then acts, then the look at the clock."""
        self.scratch.clear()
        asked = [self._instant(seen.at) for seen in self.timeline.states]
        acts = sorted(self.timeline.acts, key=lambda act: act.at)
        states: dict[datetime, str] = {}
        looks = {*self._ticks(self._end()), *asked, *(self._instant(act.at) for act in acts)}
        for now in sorted({*looks, *self._runs(self._end())}):
            is_news = self._run(now)
            for act in acts:
                if self._instant(act.at) == now:
                    self._do(act, now)
            if is_news or now in looks:
                self._look(now)
            if now in asked:
                states[now] = self._state_text()
        return Story(
            tuple(f"{self._clock(at)} {states[at]}" for at in asked), tuple(self._notices()), tuple(self._log())
        )

    def _only_what_plays(self, company: Company) -> Company:
        """The rules that are asked for, and others about the same KPIs, which may inhibit them."""
        mine = (self.timeline.rule, *self.timeline.also)
        kpis = {key.partition("/")[0] for key in self.timeline.series}
        rules = [
            rule
            for rule in company.alerts.rules
            if rule.id in mine or (rule.judges_thresholds and rule.by is None and rule.kpi in kpis)
        ]
        return company.model_copy(update={"alerts": company.alerts.model_copy(update={"rules": tuple(rules)})})

    def _measured(self, key: str) -> Measured:
        name, _, segment = key.partition("/")
        values, kpi = self.timeline.series[key], self.company.kpis[name]
        day = self.timeline.start if values.since is None else values.since
        every = values.every if "every" in values.model_fields_set else self.timeline.every
        cells, days = {}, []
        for cell in parse_series(values.values, kpi):
            last = end_of_period(day, every)
            days.append(last)
            if cell is not None:
                cells[last] = cell
            day = last + ONE_DAY
        return Measured(kpi, segment, cells, days)

    def _end(self) -> datetime:
        """When nothing can happen any more that is not written."""
        written = [self._instant(seen.at) for seen in self.timeline.states]
        written += [self._instant(act.at) for act in self.timeline.acts]
        if self.timeline.until is not None:
            written.append(self._instant(self.timeline.until))
        return max([*written, *self._last_runs()], default=self._midnight(self.timeline.start))

    def _last_runs(self) -> Iterator[datetime]:
        """When the last period of each series has settled and its last restatement is known."""
        for item in self.series:
            later = max((cell.restated[0] for cell in item.cells.values() if cell.restated is not None), default=0)
            step = item.days[-1] - item.days[-2] if len(item.days) > 1 else ONE_DAY
            yield (
                self._midnight(item.days[-1] + ONE_DAY)
                + item.kpi.settles_after
                + self._settling(item.kpi)
                + (later * step + ONE_DAY)
            )

    def _runs(self, last: datetime) -> Iterator[datetime]:
        day = self.timeline.start
        while self._midnight(day) <= last:
            yield from (self._instant(datetime.combine(day, at)) for at in self.timeline.runs_at)
            day += ONE_DAY

    def _ticks(self, last: datetime) -> Iterator[datetime]:
        now = self._midnight(self.timeline.start)
        while self.timeline.tick is not None and now <= last:
            yield now
            now += self.timeline.tick

    def _run(self, now: datetime) -> bool:
        """Record and judge what is new since the last run, and whether anything was."""
        is_news = False
        if now.astimezone(self.company.tz).time() not in self.timeline.runs_at:
            return is_news
        for name in dict.fromkeys(item.kpi.id for item in self.series):
            items = [item for item in self.series if item.kpi.id == name]
            rows = [row for item in items for row in self._rows(item, now)]
            new = [row for row in rows if self.recorded.get((row.kpi, row.segment, row.day)) != row]
            sight = self._sight(name, now)
            eligible = sum(row.period_end <= sight.closed_until for row in rows)
            if not new and eligible == self.eligible.get(name, 0):
                continue
            is_news = True
            self.eligible[name] = eligible
            self.recorded.update({(row.kpi, row.segment, row.day): row for row in rows})
            run_id = f"run at {self._clock(now)}"
            judging = Evaluation(self.company, lambda kpi, now=now: self._sight(kpi, now), now, run_id)  # type: ignore[misc]
            store = self.scratch.store
            store.record(new or rows[-1:], run_id=run_id, now=now, within=evaluate(judging, [name]))
        return is_news

    def _rows(self, item: Measured, now: datetime) -> Iterator[Observation]:
        """The observations that a run at this moment would make: of days that are over, or begun if they are open."""
        for place, day in enumerate(item.days):
            cell = item.cells.get(day)
            if cell is None or now <= self._midnight(day) or not (cell.open or self._midnight(day + ONE_DAY) <= now):
                continue
            if cell.restated is not None:
                later = item.days[min(place + cell.restated[0], len(item.days) - 1)]
                cell = cell.restated[1] if self._midnight(later + ONE_DAY) <= now and later > day else cell
            yield self._observation(item, day, cell, now)

    def _observation(self, item: Measured, day: date, cell: Cell, now: datetime) -> Observation:
        """Made once for as long as nothing about it changes: it is over, and it is settled."""
        end = self._midnight(day + ONE_DAY)
        phase = (id(item), day, cell, now if now < end else None, now >= end + item.kpi.settles_after)
        if phase not in self.made:
            self.made[phase] = self._made(item, day, cell, now)
        return self.made[phase]

    def _made(self, item: Measured, day: date, cell: Cell, now: datetime) -> Observation:
        window = windows.parse(item.kpi.window)
        spine = Spine(day, day, window, zone=self.company.tz, now=now, settle=item.kpi.settles_after)
        (business_day,) = spine.days
        measured = Measurement(
            day,
            item.segment,
            cell.value,
            cell.numerator,
            cell.denominator,
            cell.n,
            datetime.fromtimestamp(business_day.window_start_ms / 1000, UTC),
            datetime.fromtimestamp(business_day.window_end_ms / 1000, UTC),
            business_day.closed,
            business_day.provisional,
            cell.reason,
            cell.text,
        )
        return observation(item.kpi, measured, "timeline", stale=cell.stale)

    def _sight(self, kpi: str, now: datetime) -> Sight:
        names = self.upstream.get(kpi, ())
        until = [self.stale.get(name, now) - self.company.sources[name].settles_after for name in names]
        return Sight(min(until, default=now), names)

    def _settling(self, kpi: Kpi) -> timedelta:
        names = self.upstream.get(kpi.id, ())
        return max((self.company.sources[name].settles_after for name in names), default=timedelta(0))

    def _do(self, act: Act, now: datetime) -> None:
        if act.change is not None:
            self.company = self._only_what_plays(amended(self.company, act.change, self.timeline.file))
            self.series = [self._measured(name) for name in self.timeline.series]
        if act.stale is not None:
            self.stale[act.stale] = now
            self.findings[act.stale] = self._silent(act.stale, "warning")
        if act.fresh is not None:
            del self.stale[act.fresh]
            self.findings[act.fresh] = self._silent(act.fresh, "ok")
        if act.incomplete is not None:
            self.incomplete = act.incomplete
        with writing(self.scratch.store.engine, "acting", self.company.id) as connection:
            if act.acknowledge is not None:
                until = now + self.company.alerts.acknowledged_for
                if act.acknowledge.until is not None:
                    until = self._instant(act.acknowledge.until)
                acknowledgements.acknowledge(
                    connection,
                    ledger.load(connection, *self._identity()),
                    author=act.acknowledge.by,
                    reason=act.acknowledge.reason,
                    until=until,
                    now=now,
                )
            if act.silence is not None:
                silences.add(
                    connection,
                    self.company.id,
                    matchers=list(act.silence.match),
                    starts_at=now,
                    ends_at=self._instant(act.silence.until),
                    author=act.silence.by,
                    reason=act.silence.reason,
                    now=now,
                )
            if act.decide is not None:
                for row in decisions.listed(connection, self.company.id, open_only=True):
                    if row["rule"] == self.timeline.rule:
                        decisions.decide(
                            connection,
                            self.company.id,
                            row["id"],
                            author=act.decide.by,
                            text=act.decide.text,
                            action_owner=None,
                            action_due=None,
                            now=now,
                        )

    def _silent(self, source: str, level: str) -> Finding:
        owner = self.company.sources[source].owner
        since = self.stale.get(source)
        content = {"source": source, "newest": None if since is None else since.isoformat(), "loaded": None}
        return Finding(f"source/{source}", FRESHNESS, level, (owner,), content, evidence="stale")  # type: ignore[arg-type]

    def _look(self, now: datetime) -> None:
        listed = [{"kpi": kpi, "what": "missing"} for kpi in self.incomplete]
        run = Watch(self.company, now, list(self.findings.values()), self.upstream, listed)
        with writing(self.scratch.store.engine, "watching", self.company.id) as connection:
            watch(connection, run)

    def _rule(self) -> Rule:
        return next(
            rule
            for rule in rules_of(self.company)
            if rule.id == self.timeline.rule and self.timeline.kpi in (None, rule.kpi)
        )

    def _identity(self) -> tuple[str, str, str, str]:
        rule = self._rule()
        return (self.company.id, rule.subject, rule.id, self.timeline.segment)

    def _state_text(self) -> str:
        with self.scratch.store.engine.connect() as connection:
            state = ledger.load(connection, *self._identity())
            listed = decisions.listed(connection, self.company.id)
        words = [state_text(self._rule(), state)]
        mine = [row for row in listed if row["rule"] == self.timeline.rule]
        if mine:
            newest = max(mine, key=lambda row: row["opened_at"])
            words.append("decided" if newest["decided_at"] is not None else "to_decide")
        return " ".join(words)

    def _notices(self) -> Iterator[str]:
        identity = self._identity()[1:3]
        with self.scratch.store.engine.connect() as connection:
            rows = told.told(connection, self.company)
        for row in rows:
            mine = (row.subject, row.rule) == identity
            if mine or row.rule in self.timeline.also:
                of = "" if mine else f" of {row.rule}"
                yield f"{self._clock(row.at)} {row.reason} {row.level} to {', '.join(row.people) or 'nobody'}{of}"

    def _log(self) -> Iterator[str]:
        with self.scratch.store.engine.connect() as connection:
            for at, why, day in told.logged(connection, *self._identity()):
                yield f"{self._clock(at)} {why}" + ("" if day is None else f" ({day})")

    def _instant(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.company.tz).astimezone(UTC)

    def _midnight(self, day: date) -> datetime:
        return self._instant(datetime.combine(day, datetime.min.time()))

    def _clock(self, instant: datetime) -> str:
        return f"{instant.astimezone(self.company.tz):%Y-%m-%d %H:%M}"


def state_text(rule: Rule, state: AlertState) -> str:
    """Where an alert stands in a few words: 'pending 1/2', 'firing(warning) suppressed(mute)', 'recovering 1/3'."""
    where = {
        "pending": f"pending {state.low_count}/{rule.hold_for.amount}" if rule.hold_for.is_counted else "pending",
        "firing": f"firing({state.level})",
        "recovering": f"recovering {state.good_count}/{rule.recover_periods}",
    }.get(state.phase, state.phase)
    further = [
        state.evidence,
        f"suppressed({state.suppressed})" if state.suppressed else "",
        "paused" if state.paused else "",
    ]
    return " ".join([where, *filter(None, further)])
