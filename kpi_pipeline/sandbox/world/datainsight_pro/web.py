"""The website as Google Analytics counts it: sessions by channel, and distinct visitors of the month so far."""

from __future__ import annotations

import math
from datetime import date

from kpi_pipeline.sandbox.world import settling
from kpi_pipeline.sandbox.world.datainsight_pro.scene import Scene
from kpi_pipeline.sandbox.world.model import WebProperty, World

PROPERTY = "398877001"
CHANNELS = {"Organic Search": 205, "Direct": 96, "Paid Search": 84, "Referral": 41, "Organic Social": 30, "Email": 14}
GROWTH_A_MONTH = 0.035
NEW_SHARE = 0.62  # of a day's visitors those who had not come this month yet


def fill(world: World, scene: Scene) -> None:
    world.web_property = WebProperty(PROPERTY, scene.days.start(scene.first))
    reach = 0
    for day in scene.all_days():
        users = _day(world, scene, day)
        before = 0 if day.day == 1 else reach
        reach = before + int(
            users * (1.0 if day.day == 1 else NEW_SHARE * (0.93 + 0.1 * scene.stream("new", day).random()))
        )
        world.web_reach.append(settling.web_reach(scene.days, day, users=reach, until_yesterday=before))


def _day(world: World, scene: Scene, day: date) -> int:
    """The day's sessions by channel; how many people they were."""
    months = (day - scene.first).days / 30.4375
    week = 1.0 if day.weekday() < 5 else 0.42
    level = (1 + GROWTH_A_MONTH) ** months * week * (1 + 0.08 * math.sin(day.toordinal() / 31))
    people = 0
    for channel, usual in CHANNELS.items():
        r = scene.stream("web", channel, day)
        organic = 1 + 0.006 * months if channel == "Organic Search" else 1.0
        sessions = int(usual * 0.62 * level * organic * (0.88 + 0.24 * r.random()))
        users = int(sessions * 0.82)
        people += users
        world.web_days.append(
            settling.web_day(
                scene.days, day, channel,
                sessions=sessions, engaged_sessions=int(sessions * (0.55 + 0.15 * r.random())),
                page_views=int(sessions * (2.0 + r.random())), users=users,
            )
        )  # fmt: skip
    return int(people * 0.94)
