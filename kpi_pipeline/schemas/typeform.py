"""Streams of Typeform: forms, their fields, responses, answers, and the daily state of a form's insights."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Day, Flag, Instant, Number, StreamModel, Text, TextList, Whole, column

RESPONSE_TYPES = ("completed", "partial")


class Forms(StreamModel):
    """One form as it is now."""

    id: Text = column("id", key=True)
    title: Text = column("title", nullable=True)
    last_updated_at: Instant = column("last_updated_at", unit="iso", nullable=True)

    class Config(StreamModel.Config):
        name = "typeform.forms"


class Fields(StreamModel):
    """One question of a form, also when it sits in a group. `ref` is set by people and outlives titles: map KPIs to it.

    `steps` and `start_at_one` say what scale an opinion scale or rating has; null on a field of type nps (0-10).
    """

    form_id: Text = column("@form_id", key=True)
    id: Text = column("id", key=True)
    ref: Text = column("ref")
    type: Text = column("type")
    title: Text = column("title", nullable=True)
    group_ref: Text = column("group_ref", nullable=True)
    steps: Whole = column("properties.steps", nullable=True)
    start_at_one: Flag = column("properties.start_at_one", nullable=True)

    class Config(StreamModel.Config):
        name = "typeform.fields"


class Responses(StreamModel):
    """One visit to a form that was sent in ("completed") or left half-way ("partial").

    `occurred_at` is what windows are cut on: `submitted_at`, or `landed_at` for a partial one (never submitted).
    Hidden fields are those that a KPI joins on; others (which may hold an e-mail address) are not kept.
    """

    form_id: Text = column("@form_id", key=True)
    token: Text = column("token", key=True)
    response_type: Text = column("response_type", isin=RESPONSE_TYPES)
    occurred_at: Instant = column("at", unit="iso", cursor=True)
    landed_at: Instant = column("landed_at", unit="iso")
    submitted_at: Instant = column("submitted_at", unit="iso", nullable=True)
    hidden_booking_id: Text = column("hidden.booking_id", nullable=True)
    hidden_invitation_id: Text = column("hidden.invitation_id", nullable=True)
    hidden_event_date: Text = column("hidden.event_date", nullable=True)
    hidden_customer_id: Text = column("hidden.customer_id", nullable=True)
    hidden_organisation_id: Text = column("hidden.organisation_id", nullable=True)
    hidden_respondent_id: Text = column("hidden.respondent_id", nullable=True)
    hidden_target_group: Text = column("hidden.target_group", nullable=True)
    hidden_wave: Text = column("hidden.wave", nullable=True)
    score: Number = column("calculated.score", nullable=True)
    platform: Text = column("metadata.platform", nullable=True)

    class Config(StreamModel.Config):
        name = "typeform.responses"


class Answers(StreamModel):
    """One answer of one response. Free text is personal data: only its length in characters is kept.

    `number` holds nps, opinion_scale, rating and number answers; `boolean` yes_no and legal; `choice` and `choices` the
    labels of options (a typed-in "other" counts as free text: `text_length`).
    """

    form_id: Text = column("@form_id", key=True)
    token: Text = column("token", key=True)
    field_id: Text = column("field_id", key=True)
    ref: Text = column("ref")
    field_type: Text = column("field_type")
    answer_type: Text = column("answer_type")
    response_type: Text = column("response_type", isin=RESPONSE_TYPES)
    occurred_at: Instant = column("at", unit="iso", cursor=True)
    number: Number = column("number", nullable=True)
    boolean: Flag = column("boolean", nullable=True)
    choice: Text = column("choice", nullable=True)
    choices: TextList = column("choices", nullable=True)
    text_length: Whole = column("text_length", nullable=True, ge=0)

    class Config(StreamModel.Config):
        name = "typeform.answers"


class InsightsDaily(StreamModel):
    """A form's lifetime totals as they stood at the last read of a UTC day; differences of days are visits of a day."""

    form_id: Text = column("@form_id", key=True)
    taken_on: Day = column("taken_on", key=True)
    taken_at: Instant = column("taken_at", unit="iso", cursor=True)
    total_visits: Whole = column("total_visits", ge=0)
    unique_visits: Whole = column("unique_visits", ge=0)
    responses_count: Whole = column("responses_count", ge=0)
    completion_rate: Number = column("completion_rate", nullable=True)
    average_time_s: Number = column("average_time", nullable=True)

    class Config(StreamModel.Config):
        name = "typeform.insights_daily"
