"""A process that lists subscriptions as Stripe does, as fast as one core can: what is timed is the client.

GET /v1/subscriptions?limit=&starting_after=&created[gte]=&created[lt]= answers newest first, {object, data, has_more,
url}; `python extraction_server.py RECORDS MILLISECONDS` prints its port and waits that long before every answer.
"""

from __future__ import annotations

import asyncio
import json
import sys
from bisect import bisect_left
from urllib.parse import parse_qs, urlsplit

FIRST = 1_700_000_000  # the oldest record's `created`; one record every 60 s after it
STEP = 60


def subscription(number: int) -> dict[str, object]:
    """A subscription with all the fields that Stripe sends, about 1.6 kB."""
    item = {
        "id": f"si_{number:010d}",
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": FIRST + number * STEP,
        "current_period_end": FIRST + number * STEP + 2_592_000,
        "current_period_start": FIRST + number * STEP,
        "discounts": [],
        "metadata": {},
        "price": {
            "id": f"price_{number % 20}",
            "object": "price",
            "active": True,
            "billing_scheme": "per_unit",
            "created": FIRST,
            "currency": "eur",
            "product": f"prod_{number % 6}",
            "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
            "type": "recurring",
            "unit_amount": 2900 + number % 50,
            "unit_amount_decimal": str(2900 + number % 50),
        },
        "quantity": 1 + number % 3,
        "subscription": f"sub_{number:010d}",
        "tax_rates": [],
    }
    ended = FIRST + number * STEP + 864_000 if number % 5 == 0 else None
    return {
        "id": f"sub_{number:010d}",
        "object": "subscription",
        "application": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": FIRST + number * STEP,
        "billing_mode": {"type": "classic"},
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": ended,
        "cancellation_details": {"comment": None, "feedback": None, "reason": ended and "cancellation_requested"},
        "collection_method": "charge_automatically",
        "created": FIRST + number * STEP,
        "currency": "eur",
        "customer": f"cus_{number % 9973:010d}",
        "default_payment_method": f"pm_{number:010d}",
        "description": None,
        "discounts": [],
        "ended_at": ended,
        "items": {
            "object": "list",
            "data": [item],
            "has_more": False,
            "total_count": 1,
            "url": "/v1/subscription_items",
        },
        "latest_invoice": f"in_{number:010d}",
        "livemode": False,
        "metadata": {"plan": "pro", "region": "nl"},
        "payment_settings": {"payment_method_options": None, "save_default_payment_method": "off"},
        "pause_collection": None,
        "schedule": None,
        "start_date": FIRST + number * STEP,
        "status": "canceled" if ended else ("active", "trialing", "past_due")[number % 3],
        "trial_end": None,
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": None,
    }


class Lists:
    """The records, oldest first, each as JSON text."""

    def __init__(self, records: int) -> None:
        self.bodies = [json.dumps(subscription(number), separators=(",", ":")).encode() for number in range(records)]
        self.created = [FIRST + number * STEP for number in range(records)]

    def page(self, query: dict[str, list[str]]) -> bytes:
        def bound(name: str) -> int | None:
            return int(query[name][0]) if name in query else None

        at_least, below = bound("created[gte]"), bound("created[lt]")
        low = 0 if at_least is None else bisect_left(self.created, at_least)
        high = len(self.created) if below is None else bisect_left(self.created, below)
        if "starting_after" in query:
            high = min(high, int(query["starting_after"][0].removeprefix("sub_")))
        first = max(low, high - int(query.get("limit", ["10"])[0]))
        data = b",".join(reversed(self.bodies[first:high]))
        more = b"true" if first > low else b"false"
        return b'{"object":"list","data":[' + data + b'],"has_more":' + more + b',"url":"/v1/subscriptions"}'


class Connection(asyncio.Protocol):
    """One kept-alive connection, one request at a time."""

    def __init__(self, lists: Lists, wait: float) -> None:
        self.lists, self.wait, self.received = lists, wait, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, _, self.received = self.received.partition(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            body = self.lists.page(parse_qs(urlsplit(target).query))
            size = str(len(body)).encode()
            answer = (
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + size + b"\r\n\r\n" + body
            )
            if self.wait:
                asyncio.get_running_loop().call_later(self.wait, self.transport.write, answer)
            else:
                self.transport.write(answer)


async def serve(records: int, wait: float) -> None:
    lists = Lists(records)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(lists, wait), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]) / 1_000))
