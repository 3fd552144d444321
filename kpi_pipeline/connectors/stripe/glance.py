"""What paging needs to know of a list: its envelope, and of each row the id, the kind and when it was created.

Parsing the pages whole took as long as reading them from the network; their bytes go to landing as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypedDict, cast

import msgspec
import orjson

# Its fields depend on an argument, which the type checker does not follow.
_Partly = cast("Callable[..., Any]", TypedDict)


def _partly(name: str, fields: dict[str, Any]) -> Any:
    return _Partly(name, fields, total=False)


@cache
def glance(born: str) -> Callable[[bytes], Any]:
    """A decoder of lists that leaves out all other fields; `born` is the field of a row's creation.

    A body of another shape is parsed whole, so that the error can say what came. Raises ValueError for broken JSON.
    """
    row: Any = _partly("Row", {"id": Any, "object": Any, born: Any})
    decoder = msgspec.json.Decoder(_partly("List", {"object": Any, "has_more": Any, "data": list[row]}))

    def decode(body: bytes) -> Any:
        try:
            found = decoder.decode(body)
        except msgspec.ValidationError:
            return orjson.loads(body)
        return found if "data" in found else orjson.loads(body)

    return decode
