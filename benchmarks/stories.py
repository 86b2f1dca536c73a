"""The events that the benchmarks send: the simulator's complete InstaLeap jobs, about 9 kB an event."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle

from benchmarks.load import request
from tests import payloads
from webhooks.models import Secret, Source
from webhooks.providers import registry

INSTALEAP = registry()["instaleap"]
_START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def source(slug: str) -> Source:
    """Make a source that takes what is signed here."""
    source = Source.objects.create(name=slug, slug=slug, provider="instaleap")
    secret = Secret(source=source)
    secret.value = payloads.SECRET
    secret.save()
    return source


def lives(jobs: int, first: int = 0) -> list[dict]:
    """Return the events of so many jobs of one day in the order in which they happened; of others for another first."""
    events = [
        event
        for number in range(jobs)
        for event in INSTALEAP.simulate(
            seed=first + number, start=_START + timedelta(hours=10) * number / jobs, items=6, chat=False
        )
    ]
    return sorted(events, key=lambda event: event["created_at"])


def signed(events: list[dict]) -> Iterator[tuple[bytes, dict[str, str]]]:
    """Yield bodies and headers without end, each body with an id of its own."""
    spelled = [(event, payloads.dump(event)) for event in events]
    signature = INSTALEAP.signatures[0]
    for event, body in cycle(spelled):
        id = str(uuid.uuid4())
        (message,) = signature.messages(body, event | {"id": id}, {})
        proof = {signature.header: signature.hex(payloads.SECRET, message)}
        yield body.replace(event["id"].encode(), id.encode(), 1), {"Content-Type": "application/json"} | proof


def posts(path: str, events: list[dict]) -> Iterator[bytes]:
    """Yield requests without end, each with an event of its own."""
    return (request("POST", path, body, headers) for body, headers in signed(events))
