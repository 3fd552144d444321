"""Judgements on a company that reads well: each rule is one module with one function, and every finding has a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.rules.alert_keys import keys_of_rules_go_together
from kpi_pipeline.catalogue.rules.alert_limits import limits_of_rules_are_ordered
from kpi_pipeline.catalogue.rules.alert_mutes import mutes_end
from kpi_pipeline.catalogue.rules.alert_routes import routes_lead_somewhere
from kpi_pipeline.catalogue.rules.alert_texts import rules_speak_own_language
from kpi_pipeline.catalogue.rules.alerting import names_of_alerts_exist
from kpi_pipeline.catalogue.rules.approvals import changes_are_approved
from kpi_pipeline.catalogue.rules.audits import audits_make_sense
from kpi_pipeline.catalogue.rules.calendars import calendars_make_sense
from kpi_pipeline.catalogue.rules.channels import channels_have_what_they_need
from kpi_pipeline.catalogue.rules.companions import companions_exist
from kpi_pipeline.catalogue.rules.contradictions import contradictions_are_told
from kpi_pipeline.catalogue.rules.dashboards import dashboards_show_what_there_is
from kpi_pipeline.catalogue.rules.derived import targets_follow
from kpi_pipeline.catalogue.rules.formulas import formulas_resolve
from kpi_pipeline.catalogue.rules.grades import grades_are_listed
from kpi_pipeline.catalogue.rules.languages import named_in_own_language
from kpi_pipeline.catalogue.rules.owners import owners_are_known_and_reachable
from kpi_pipeline.catalogue.rules.reports import reports_show_what_there_is
from kpi_pipeline.catalogue.rules.thresholds import thresholds_are_ordered
from kpi_pipeline.catalogue.rules.units import units_are_known
from kpi_pipeline.errors import Issue

Rule = Callable[[Company], Iterable[Issue]]

RULES: tuple[Rule, ...] = (
    audits_make_sense,
    calendars_make_sense,
    changes_are_approved,
    channels_have_what_they_need,
    companions_exist,
    contradictions_are_told,
    dashboards_show_what_there_is,
    formulas_resolve,
    grades_are_listed,
    keys_of_rules_go_together,
    limits_of_rules_are_ordered,
    mutes_end,
    named_in_own_language,
    names_of_alerts_exist,
    owners_are_known_and_reachable,
    reports_show_what_there_is,
    routes_lead_somewhere,
    rules_speak_own_language,
    targets_follow,
    thresholds_are_ordered,
    units_are_known,
)
