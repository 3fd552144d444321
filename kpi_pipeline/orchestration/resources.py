"""The workspace of a run. It holds no configuration, so no credential can reach the run config or the UI."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import dagster as dg

from kpi_pipeline import clock
from kpi_pipeline.catalogue import Catalogue
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.orchestration.failures import failing_as_dagster
from kpi_pipeline.orchestration.journal import Progress, journaled
from kpi_pipeline.settings import Settings


def silent(_what: str, _count: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class OpenWorkspace:
    """What an asset gets: the rooms of this run, and whom to tell how far it is."""

    open: Workspace
    progress: Progress


WorkspaceParam = dg.ResourceParam[OpenWorkspace]


def workspace_resource(
    settings: Settings | None = None,
    progress: Progress = silent,
    now: Callable[[], datetime] = clock.now,
    catalogue: Catalogue | None = None,
) -> dg.ResourceDefinition:
    """One Workspace for a whole run, with one instant of `now`: the in-process executor sets resources up once a run.

    Without `settings` and `catalogue` they are read when the run starts, in the run's own process. A function and not a
    ConfigurableResource, because those are copied by their fields and would lose settings that were handed over.
    """

    @dg.resource(description="Settings, catalogue, landing, history and engine of this installation.")
    def workspace(context: dg.InitResourceContext) -> Iterator[OpenWorkspace]:
        found = Settings.from_environment() if settings is None else settings
        with (
            failing_as_dagster(),
            Workspace(found, now=now(), catalogue=catalogue) as opened,
            journaled(context, opened, progress) as told,
        ):
            yield OpenWorkspace(opened, told)

    return workspace
