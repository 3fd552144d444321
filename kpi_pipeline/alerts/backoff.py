"""When a message that a channel did not take is tried again, and when it is given up. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(hours=24)
MOST_ATTEMPTS = 12


def next_try(
    attempts: int, began: datetime, now: datetime, *, chance: float, after_s: float | None = None
) -> datetime | None:
    """When to try again after so many attempts; None when it is given up.

    The wait doubles with every attempt, spread by `chance` in [0, 1) over 0.75 to 1.25 of it so that messages that
    failed together do not come back together; a channel that says when to come back is not asked earlier. A message is
    given up after 12 attempts, or when the next would come later than 24 hours after it was queued.
    """
    doubled: timedelta = FIRST_WAIT * 2.0 ** (attempts - 1)
    wait = min(doubled, LONGEST_WAIT) * (0.75 + 0.5 * chance)
    if after_s is not None:
        wait = max(wait, timedelta(seconds=after_s))
    if attempts >= MOST_ATTEMPTS or now + wait > began + GIVE_UP_AFTER:
        return None
    return now + wait
