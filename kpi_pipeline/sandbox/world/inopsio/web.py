"""The website as Google Analytics counts it."""

from __future__ import annotations

import math

from kpi_pipeline.sandbox.world import settling
from kpi_pipeline.sandbox.world.inopsio.scene import Scene
from kpi_pipeline.sandbox.world.model import WebProperty, World

PROPERTY = "412345678"
CHANNELS = {"Organic Search": (420, 0.74), "Direct": (180, 0.79), "Paid Search": (150, 0.58), "Referral": (60, 0.71)}


def fill(world: World, scene: Scene) -> None:
    """Sessions a day and channel with the share that was engaged; a campaign brings many who leave at once."""
    world.web_property = WebProperty(PROPERTY, scene.days.start(scene.first))
    campaign = (scene.ago(66).date(), scene.ago(38).date())
    for day in scene.all_days():
        for channel, (usual, engaged_share) in CHANNELS.items():
            r = scene.stream("web", channel, day)
            season = 1 + 0.1 * math.sin(day.toordinal() / 29)
            sessions = int(usual * season * (0.9 + 0.2 * r.random()) * (1.0 if day.weekday() < 5 else 0.45))
            share = engaged_share + r.gauss(0, 0.015)
            if channel == "Paid Search" and campaign[0] <= day <= campaign[1]:
                sessions, share = sessions * 3, 0.41
            engaged = min(sessions, int(sessions * share))
            views = int(sessions * (2.1 + 1.2 * r.random()))
            world.web_days.append(
                settling.web_day(
                    scene.days, day, channel,
                    sessions=sessions, engaged_sessions=engaged, page_views=views, users=int(sessions * 0.8),
                )
            )  # fmt: skip
