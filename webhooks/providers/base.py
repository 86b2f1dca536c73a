"""What a provider is: how it proves itself, what an event of its is called and about, and who reads it."""

import hashlib
import re
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from webhooks.auth_modes import DEFAULT_AUTH_MODE
from webhooks.payloads import parsing
from webhooks.providers.signatures import Signature
from webhooks.providers.story import Customer

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Only an escape can spell what PostgreSQL cannot store: NUL, and the half of a surrogate pair.
_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


@dataclass(frozen=True)
class EventType:
    """One type of event: how it is called in words, where its subject stands, and who reads it.

    A reader is pure: payload in, plain values (webhooks.payloads.jobs, webhooks.payloads.conversations) out; it raises
    UnreadableError.
    """

    label: "StrOrPromise"
    subject: str = ""
    reader: Callable[[Any], Iterable[Any]] | None = None
    category: "StrOrPromise" = ""
    note: "StrOrPromise" = ""
    kind: str = ""  # what a Signature may be bound to


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What the inbox keeps of a payload beside its bytes."""

    type: str  # at most 100 characters, as are all texts here bounded and storable
    subject: str  # 200; what the event is about, so that one worker at a time folds it
    external_id: str  # 200; the provider's own id of the event
    occurred_at: datetime | None
    dedup_key: bytes  # 32: SHA-256 of what makes the event the same event
    body_hash: bytes  # 32
    is_read: bool


class Provider:
    # Declare
    name: str
    auth_modes: tuple[str, ...] = (DEFAULT_AUTH_MODE,)  # slugs, the most usual first
    signatures: tuple[Signature, ...]
    networks: tuple[str, ...] = ()  # the only ones that it sends from, where it says so
    identity = ""  # path of the event's id where the proof covers that id but not the body
    type_path = "type"
    time_path = "created_at"
    event_types: Mapping[str, EventType]
    # Of simulate(): what may happen in a story, and in which of several ways.
    story_options: Mapping[str, str] = {}
    story_choices: Mapping[str, tuple[str, ...]] = {}

    # Override where a path is not enough
    def type_of(self, payload: Any) -> str:
        return parsing.bounded(parsing.at(payload, self.type_path), 100)

    def time_of(self, payload: Any) -> datetime | None:
        return parsing.moment(parsing.at(payload, self.time_path))

    def event_type(self, payload: Any) -> EventType | None:
        return self.event_types.get(self.type_of(payload))

    def simulate(
        self, *, seed: int, start: datetime, customer: Customer | None = None, **options: Any
    ) -> list[dict[str, Any]]:
        """Return the payloads of something realistic that happens from beginning to end, for `manage.py play`."""
        raise NotImplementedError

    # Leave alone
    def test_payload(self, moment: datetime) -> dict[str, Any]:
        """Return something authentic of a type that nothing reads, so that no row comes of it."""
        payload: dict[str, Any] = {}
        time = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        values = {self.type_path: "TEST_OF_THE_CONNECTION", self.time_path: time}
        if self.identity:
            values[self.identity] = str(uuid.uuid4())
        for path, value in values.items():
            parsing.put(payload, path, value)
        return payload

    def describe(self, type: str) -> EventType:
        """Return what is known of an event type; one that is not known is called as it comes."""
        return self.event_types.get(type) or EventType(type)

    def subject_of(self, payload: Any) -> str:
        event_type = self.event_type(payload)
        return parsing.bounded(parsing.at(payload, event_type.subject), 200) if event_type else ""

    def signatures_for(self, payload: Any) -> list[Signature]:
        """Return the signatures that may prove this payload."""
        event_type = self.event_type(payload)
        kind = event_type.kind if event_type else ""
        return [signature for signature in self.signatures if signature.kinds is None or kind in signature.kinds]

    def sign(self, secret: str, body: bytes) -> dict[str, str]:
        """Return the header with which the provider would send `body` now."""
        signature = self.signatures_for(parsing.parse(body))[0]
        return {signature.header: signature.sign(secret, body, timestamp=str(int(time.time())))}

    def envelope(self, body: bytes, payload: Any) -> Envelope:
        event_type = self.event_type(payload)
        identity = parsing.at(payload, self.identity) if self.identity else None
        body_hash = hashlib.sha256(body).digest()
        if isinstance(identity, str):
            dedup_key = hashlib.sha256(identity.encode(errors="surrogatepass")).digest()
        else:
            dedup_key = body_hash
        return Envelope(
            type=self.type_of(payload),
            subject=self.subject_of(payload),
            external_id=parsing.bounded(identity, 200),
            occurred_at=self.time_of(payload),
            dedup_key=dedup_key,
            body_hash=body_hash,
            is_read=bool(event_type and event_type.reader),
        )

    def read(self, body: bytes) -> list[Any]:
        """Return the values that a stored body tells of; raise UnreadableError or NotJSONError."""
        try:
            payload = parsing.parse(body)
            if _UNSTORABLE.search(body):
                payload = parsing.storable(payload)
        except RecursionError:
            raise parsing.NotJSONError(parsing.TOO_DEEP) from None
        event_type = self.event_type(payload)
        return list(event_type.reader(payload)) if event_type and event_type.reader else []
