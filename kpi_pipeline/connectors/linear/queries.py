"""What we ask Linear, as GraphQL. A test validates each text against the sandbox's schema, which it introspects.

By the vendor's rule a query costs 0.1 a property and 1 an object, times the page size; 10,000 is the most. At the sizes
in `STREAM_QUERIES` ours cost 900 to 3,000.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NESTED = 20  # state spans or changes of an issue that come with it; the few issues with more are completed one by one


@dataclass(frozen=True, slots=True)
class Query:
    """A query of one root connection. `inner` is the connection inside its records that holds the stream's rows.

    `filtered`: windows are cut on updatedAt; otherwise everything is listed.
    """

    text: str
    root: str
    size: int
    inner: str | None = None
    filtered: bool = False


def _listing(root: str, fields: str) -> str:
    """Archived records included: they are left out by default, and their past still counts."""
    return f"""query ($first: Int!, $after: String) {{
  {root}(first: $first, after: $after, includeArchived: true, orderBy: createdAt) {{
    nodes {{ {fields} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}"""


def _window(root: str, filter_type: str, fields: str) -> str:
    """Ordered by createdAt, which never changes: a record that is updated while we page stays in its place."""
    return f"""query ($first: Int!, $after: String, $filter: {filter_type}!) {{
  {root}(first: $first, after: $after, includeArchived: true, orderBy: createdAt, filter: $filter) {{
    nodes {{ {fields} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}"""


def rest(inner: str, fields: str) -> str:
    """The remaining rows of one issue's inner connection."""
    return f"""query ($id: String!, $first: Int!, $after: String) {{
  issue(id: $id) {{
    id
    {inner}(first: $first, after: $after) {{ nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }}
  }}
}}"""


_ISSUE = """id identifier url priority estimate createdAt updatedAt startedAt completedAt canceledAt triagedAt
    archivedAt dueDate slaStartedAt slaBreachesAt trashed labelIds
    state { id type } team { id key } project { id } cycle { id } assignee { id }"""
_SPAN = "id stateId startedAt endedAt state { type }"
_CHANGE = "id createdAt fromPriority toPriority fromStateId toStateId"
INNER_FIELDS: Mapping[str, str] = {"stateHistory": _SPAN, "history": _CHANGE}


def _issues_with(inner: str) -> Query:
    fields = f"id {inner}(first: {NESTED}) {{ nodes {{ {INNER_FIELDS[inner]} }} pageInfo {{ hasNextPage endCursor }} }}"
    return Query(_window("issues", "IssueFilter", fields), "issues", 50, inner=inner, filtered=True)


STREAM_QUERIES: Mapping[str, Query] = {
    "issues": Query(_window("issues", "IssueFilter", _ISSUE), "issues", 100, filtered=True),
    "state_spans": _issues_with("stateHistory"),
    "issue_history": _issues_with("history"),
    "comments": Query(
        _window("comments", "CommentFilter", "id createdAt updatedAt issue { id } user { id }"),
        "comments",
        100,
        filtered=True,
    ),
    "workflow_states": Query(
        _listing("workflowStates", "id name type position archivedAt team { id }"), "workflowStates", 100
    ),
    "issue_labels": Query(_listing("issueLabels", "id name archivedAt team { id }"), "issueLabels", 100),
    "teams": Query(_listing("teams", "id key name archivedAt"), "teams", 100),
    "cycles": Query(_listing("cycles", "id number startsAt endsAt completedAt progress team { id }"), "cycles", 100),
    "projects": Query(
        _listing("projects", "id name state progress createdAt startedAt targetDate completedAt canceledAt"),
        "projects",
        100,
    ),
    "users": Query(_listing("users", "id email active"), "users", 100),
}
