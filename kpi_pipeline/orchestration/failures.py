"""The only place where our errors become Dagster failures: what may pass is retried, what cannot is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from kpi_pipeline.errors import KpiError

EXIT_CODE = "exit code"
RETRIES = dg.RetryPolicy(max_retries=2, delay=20, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)


def failure(error: KpiError) -> dg.Failure:
    """The failure a person reads in the UI; its retry flag follows the error's kind."""
    return dg.Failure(
        description=str(error),
        metadata={
            "kind": type(error).__name__,
            "doing": error.doing,
            "came back": error.came_back,
            "what to do": error.remedy,
            "trying again helps": error.retryable,
            EXIT_CODE: error.exit_code,
        },
        allow_retries=error.retryable,
    )


@contextmanager
def failing_as_dagster() -> Iterator[None]:
    """Turns our errors into failures; the cause is cut off because its own text may carry a URL or a key."""
    try:
        yield
    except KpiError as error:
        raise failure(error) from None


def first_line(event: dg.DagsterEvent) -> str:
    """What a person must know of a failed step: our own words where the error is ours, else the innermost error's.

    Dagster wraps an error in its own, and again ("Exceeded max_retries") when retries did not help.
    """
    told = event.step_failure_data.user_failure_data
    if told is not None and told.description:
        return told.description.splitlines()[0]
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return "" if error is None else error.message.strip().splitlines()[0]
