"""The executable schema: schema.graphql with resolvers over plain records.

graphql-core calls Python for every field, so the default resolver is a dictionary look-up and only connections, and
what has arguments, have their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLFloat,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from kpi_pipeline.sandbox.vendors.linear.filters import (
    BadArgument,
    absolute,
    connection,
    in_place,
    instant_or_duration,
    ordered,
)
from kpi_pipeline.sandbox.vendors.linear.view import Record, View

Resolver = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Execution:
    """What one query runs against; `gone` makes every read by id come back empty-handed."""

    view: View
    company: str
    limits: list[Record]
    gone: bool = False


def execute(document: DocumentNode, variables: Record, operation: str | None, context: Execution) -> ExecutionResult:
    """Run a valid document."""
    result = execute_sync(
        executable_schema(),
        document,
        context_value=context,
        variable_values=variables,
        operation_name=operation,
        field_resolver=_from_record,
    )
    assert isinstance(result, ExecutionResult)  # noqa: S101 - execute_sync only returns this
    return result


@lru_cache(maxsize=256)
def prepared(query: str) -> tuple[DocumentNode, tuple[GraphQLError, ...]]:
    """A query parsed and validated, once. Raises GraphQLError when it does not parse."""
    document = parse(query)
    return document, tuple(validate(executable_schema(), document))


@cache
def executable_schema() -> GraphQLSchema:
    built = build_schema(Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8"))
    built.type_map["DateTimeOrDuration"].parse_value = instant_or_duration  # type: ignore[attr-defined]
    for kind in built.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for field in kind.fields.values():
                field.type = _with_plain_numbers(field.type)
            if kind.name.endswith("Connection"):
                kind.fields["edges"].resolve = _edges
    for name, fields in _RESOLVERS.items():
        owner = built.type_map[name]
        assert isinstance(owner, GraphQLObjectType)  # noqa: S101 - a typo here is ours, found by any test
        for field_name, resolver in fields.items():
            owner.fields[field_name].resolve = resolver
    return built


_NUMBER = GraphQLScalarType("Number", serialize=lambda value: value, description=GraphQLFloat.description)
_NUMBER.name = "Float"  # the constructor keeps the name for itself
"""graphql-core writes a Float of 1 as 1.0; JavaScript, and so Linear, writes 1."""


def _with_plain_numbers(kind: Any) -> Any:
    if isinstance(kind, GraphQLNonNull):
        return GraphQLNonNull(_with_plain_numbers(kind.of_type))
    if isinstance(kind, GraphQLList):
        return GraphQLList(_with_plain_numbers(kind.of_type))
    return _NUMBER if kind is GraphQLFloat else kind


def _from_record(source: Any, info: GraphQLResolveInfo, **_: Any) -> Any:
    return source[info.field_name]


def _edges(source: Record, _info: GraphQLResolveInfo) -> list[Record]:
    return [{"node": node, "cursor": node["id"]} for node in source["nodes"]]


def _listed(rows: Callable[[View], list[Record]]) -> Resolver:
    def resolve(_source: Any, info: GraphQLResolveInfo, **args: Any) -> Record:
        view: View = info.context.view
        if args.get("filter"):
            args["filter"] = absolute(args["filter"], view.now)
        return _page(*ordered(rows(view), args), args)

    return resolve


def _held(rows: Callable[[View, Record], list[Record]]) -> Resolver:
    def resolve(source: Record, info: GraphQLResolveInfo, **args: Any) -> Record:
        records = rows(info.context.view, source)
        return _page(records, in_place(records), args)

    return resolve


def _page(records: list[Any], stand: Callable[[str], tuple[int, int]], args: Record) -> Record:
    try:
        return connection(records, stand, args)
    except BadArgument as bad:
        raise GraphQLError("Argument Validation Error", extensions=extensions("INVALID_INPUT", str(bad))) from bad


def _one(kind: str, found: Callable[[View, str], Record | None]) -> Resolver:
    def resolve(_source: Any, info: GraphQLResolveInfo, id: str) -> Record:  # noqa: A002 - the argument's name
        record = None if info.context.gone else found(info.context.view, id)
        if record is None:
            raise GraphQLError(
                f"Entity not found: {kind}", extensions=extensions("INPUT_ERROR", f"Could not find referenced {kind}.")
            )
        return record

    return resolve


def extensions(code: str, message: str) -> Record:
    """What Linear says beside an error's message; `code` is what a client decides on."""
    kind = code.lower().replace("_", " ")
    return {"type": kind, "code": code, "userError": True, "userPresentableMessage": message, "meta": {}}


def _issue(view: View, wanted: str) -> Record | None:
    if wanted in view.issues:
        return view.issues[wanted]
    return next((issue for issue in view.issues.values() if issue["identifier"] == wanted.upper()), None)


def _organization(_source: Any, info: GraphQLResolveInfo) -> Record:
    view, company = info.context.view, info.context.company
    named = {"id": f"org-{company}", "name": company.replace("_", " ").title(), "urlKey": company}
    born = min((team["createdAt"] for team in view.teams.values()), default="1970-01-01T00:00:00.000Z")
    return {**named, "createdAt": born, "userCount": len(view.users), "createdIssueCount": len(view.issues)}


def _rate_limits(_source: Any, info: GraphQLResolveInfo) -> Record:
    return {"identifier": info.context.company, "kind": "apiKey", "limits": info.context.limits}


def _viewer(_source: Any, info: GraphQLResolveInfo) -> Record | None:
    return next(iter(info.context.view.users.values()), None)


_RESOLVERS: dict[str, dict[str, Resolver]] = {
    "Query": {
        "viewer": _viewer,
        "organization": _organization,
        "rateLimitStatus": _rate_limits,
        "issue": _one("Issue", _issue),
        "team": _one("Team", lambda view, wanted: view.teams.get(wanted)),
        "cycle": _one("Cycle", lambda view, wanted: view.cycles.get(wanted)),
        "project": _one("Project", lambda view, wanted: view.projects.get(wanted)),
        "user": _one("User", lambda view, wanted: view.users.get(wanted)),
        "workflowState": _one("WorkflowState", lambda view, wanted: view.states.get(wanted)),
        "issueLabel": _one("IssueLabel", lambda view, wanted: view.labels.get(wanted)),
        "issues": _listed(lambda view: list(view.issues.values())),
        "comments": _listed(lambda view: [each for issue in view.issues.values() for each in view.comments(issue)]),
        "teams": _listed(lambda view: list(view.teams.values())),
        "users": _listed(lambda view: list(view.users.values())),
        "workflowStates": _listed(lambda view: list(view.states.values())),
        "issueLabels": _listed(lambda view: list(view.labels.values())),
        "cycles": _listed(lambda view: list(view.cycles.values())),
        "projects": _listed(lambda view: list(view.projects.values())),
        "projectMilestones": _listed(lambda _: []),
        "initiatives": _listed(lambda _: []),
    },
    "Issue": {
        "labels": _held(lambda _, issue: issue["labels"]),
        "comments": _held(lambda view, issue: view.comments(issue)),
        "history": _held(lambda view, issue: view.history(issue)),
        "stateHistory": _held(lambda view, issue: view.state_spans(issue)),
    },
    "Project": {"projectMilestones": _held(lambda _, __: [])},
}
