"""Every kind by name. A new kind is one module and one line here."""

from __future__ import annotations

from kpi_pipeline.metrics.kinds.balance import BALANCE
from kpi_pipeline.metrics.kinds.base import DerivedKind, Kind, Params
from kpi_pipeline.metrics.kinds.base_cohort import BASE_COHORT
from kpi_pipeline.metrics.kinds.base_conversion import BASE_CONVERSION
from kpi_pipeline.metrics.kinds.conversion import CONVERSION
from kpi_pipeline.metrics.kinds.count import COUNT, SUM
from kpi_pipeline.metrics.kinds.daily_mean import DAILY_MEAN
from kpi_pipeline.metrics.kinds.duration import DURATION
from kpi_pipeline.metrics.kinds.enum import ENUM
from kpi_pipeline.metrics.kinds.extremum import EXTREMUM
from kpi_pipeline.metrics.kinds.formula import FORMULA
from kpi_pipeline.metrics.kinds.growth import GROWTH
from kpi_pipeline.metrics.kinds.histogram_percentile import HISTOGRAM_PERCENTILE
from kpi_pipeline.metrics.kinds.lag import LAG
from kpi_pipeline.metrics.kinds.latest import LATEST
from kpi_pipeline.metrics.kinds.lowest_share import LOWEST_SHARE
from kpi_pipeline.metrics.kinds.milestones import MILESTONES
from kpi_pipeline.metrics.kinds.monthly_mean import MONTHLY_MEAN
from kpi_pipeline.metrics.kinds.nps import NPS
from kpi_pipeline.metrics.kinds.nps_change import NPS_CHANGE
from kpi_pipeline.metrics.kinds.open_records import OPEN_RECORDS
from kpi_pipeline.metrics.kinds.ordinal import ORDINAL
from kpi_pipeline.metrics.kinds.per_entity import PER_ENTITY
from kpi_pipeline.metrics.kinds.percentile import PERCENTILE
from kpi_pipeline.metrics.kinds.ratio import RATIO
from kpi_pipeline.metrics.kinds.snapshot import SNAPSHOT
from kpi_pipeline.metrics.kinds.uptime import UPTIME
from kpi_pipeline.metrics.kinds.validity import VALIDITY
from kpi_pipeline.metrics.kinds.worst_uptime import WORST_UPTIME

_ALL: tuple[Kind | DerivedKind, ...] = (
    RATIO,
    COUNT,
    SUM,
    CONVERSION,
    NPS,
    NPS_CHANGE,
    DURATION,
    PERCENTILE,
    HISTOGRAM_PERCENTILE,
    EXTREMUM,
    UPTIME,
    WORST_UPTIME,
    SNAPSHOT,
    BALANCE,
    BASE_COHORT,
    BASE_CONVERSION,
    OPEN_RECORDS,
    MONTHLY_MEAN,
    LATEST,
    ORDINAL,
    MILESTONES,
    VALIDITY,
    DAILY_MEAN,
    LAG,
    PER_ENTITY,
    LOWEST_SHARE,
    FORMULA,
    GROWTH,
    ENUM,
)
KINDS: dict[str, Kind | DerivedKind] = {kind.name: kind for kind in _ALL}
PARAMS: dict[str, type[Params]] = {name: kind.params for name, kind in KINDS.items()}
