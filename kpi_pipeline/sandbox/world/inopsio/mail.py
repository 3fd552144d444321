"""The mail that Inopsio sends through Mailgun."""

from __future__ import annotations

from datetime import timedelta

from kpi_pipeline.sandbox.world import settling
from kpi_pipeline.sandbox.world.inopsio.scene import Scene, between
from kpi_pipeline.sandbox.world.model import World

DOMAIN = "mail.inopsio.example"
SENT_MONTHS = 5
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TAGS = ("invoice", "digest", "invitation", "alert")


def fill(world: World, scene: Scene) -> None:
    """25 messages a day: most arrive in a minute, some after retries, one in a hundred never (six on the bad days)."""
    world.mail_domain = DOMAIN
    blocked = (scene.ago(30).date(), scene.ago(28).date())  # a mailbox provider took us for spammers
    for day in scene.all_days():
        if (scene.anchor - day).days > SENT_MONTHS * 30:
            continue
        for number in range(25 if day.weekday() < 5 else 10):
            r = scene.stream("mail", day, number)
            at = scene.days.at(day, int(r.random() * 86_399))
            if number == 0 and day.day == 1:
                at = scene.days.start(day)  # exactly on the border of two days
            events = [("accepted", at)]
            draw = r.random()
            if draw < (0.25 if blocked[0] <= day <= blocked[1] else 0.008):
                events.append(("permanent", at + between(r, MINUTE / 30, 3 * MINUTE)))
            elif (draw < 0.26 and blocked[0] <= day <= blocked[1]) or draw > 0.97:
                retry = at + between(r, 10 * MINUTE, 20 * MINUTE)
                events.append(("temporary", retry))
                if draw > 0.996:  # tried for eight hours and given up
                    events += [("temporary", retry + 3 * HOUR), ("permanent", at + 8 * HOUR)]
                else:
                    events.append(("delivered", retry + between(r, 30 * MINUTE, 7 * HOUR)))
            else:
                events.append(("delivered", at + between(r, MINUTE / 60, MINUTE)))
            recipient = f"user{int(r.random() * 900):03d}@customer.example"
            tag = TAGS[number % len(TAGS)]
            message = f"{day:%Y%m%d}.{number:04d}@{DOMAIN}"
            world.emails.append(settling.email(r, message, recipient, f"Your {tag}", (tag,), *events))
