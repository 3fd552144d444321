"""Survey answers as they stand at an instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kpi_pipeline.sandbox.truth.crm import passed
from kpi_pipeline.sandbox.truth.periods import BusinessDay, midnight
from kpi_pipeline.sandbox.world.model import World


@dataclass(frozen=True, slots=True)
class Answer:
    at: datetime
    token: str
    respondent: str
    customer: str
    group: str
    wave: str
    score: int


def completed(world: World, form: str, question: str, now: datetime) -> list[Answer]:
    """The answers to a question that the survey tool shows at `now`, in order of submission."""
    found = []
    for response in world.responses:
        score = response.answers.get(question)
        if response.form_id != form or response.response_type != "completed" or response.submitted_at is None:
            continue
        if response.visible_at > now or passed(response.deleted_at, now) or not isinstance(score, int):
            continue
        hidden = response.hidden
        found.append(
            Answer(
                response.submitted_at,
                response.token,
                hidden["respondent_id"],
                hidden.get("customer_id", ""),
                hidden.get("target_group", ""),
                hidden["wave"],
                score,
            )
        )
    return sorted(found, key=lambda answer: (answer.at, answer.token))


def latest(answers: list[Answer], start: datetime, end: datetime) -> dict[tuple[str, str], int]:
    """(wave, respondent): score of the last answer before `end`, if that was submitted from `start` on."""
    last: dict[tuple[str, str], Answer] = {}
    for answer in answers:
        if answer.at < end:
            last[answer.wave, answer.respondent] = answer
    return {key: answer.score for key, answer in last.items() if answer.at >= start}


def quarter_start(day: BusinessDay) -> datetime:
    return midnight(day.zone, date(day.day.year, (day.day.month - 1) // 3 * 3 + 1, 1))
