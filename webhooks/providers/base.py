"""The contract of a provider: its authentication, its types of events with their subjects, and their readers."""

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
    """One type of event: its label, the dotted path of its subject in the payload, and its reader.

    A reader is a pure function from a payload to values (webhooks.payloads.jobs, webhooks.payloads.conversations); it
    raises UnreadableError. A type without a reader changes no row.
    """

    label: "StrOrPromise"
    subject: str = ""
    reader: Callable[[Any], Iterable[Any]] | None = None
    category: "StrOrPromise" = ""
    note: "StrOrPromise" = ""
    kind: str = ""  # what a Signature may be bound to


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """The columns of an event that come from its body. All texts are storable and bounded, to the length noted here."""

    type: str  # at most 100 characters
    subject: str  # at most 200; the id of the object that the event is about: one worker at a time processes it
    external_id: str  # at most 200; the provider's id of the event
    occurred_at: datetime | None
    dedup_key: bytes  # SHA-256 of the event's identity: its id, else its body
    body_hash: bytes  # SHA-256
    is_read: bool


class Provider:
    # Declare
    name: str
    auth_modes: tuple[str, ...] = (DEFAULT_AUTH_MODE,)  # slugs, the most usual first
    signatures: tuple[Signature, ...]
    networks: tuple[str, ...] = ()  # from which alone it sends, where it documents them
    identity = ""  # path of the event's id, where the signature covers that id but not the body
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
        """Return the EventType with this name; for an unknown name one that has only the name."""
        return self.event_types.get(type) or EventType(type)

    def subject_of(self, payload: Any) -> str:
        event_type = self.event_type(payload)
        return parsing.bounded(parsing.at(payload, event_type.subject), 200) if event_type else ""

    def signatures_for(self, payload: Any) -> list[Signature]:
        """Return the signatures that are valid for this payload."""
        event_type = self.event_type(payload)
        kind = event_type.kind if event_type else ""
        return [signature for signature in self.signatures if signature.kinds is None or kind in signature.kinds]

    def sign(self, secret: str, body: bytes) -> dict[str, str]:
        """Return the header with which the provider would send `body` now."""
        signature = self.signatures_for(parsing.parse_json(body))[0]
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
        """Return the values of a stored body; raise UnreadableError or NotJSONError."""
        try:
            payload = parsing.parse_json(body)
            if _UNSTORABLE.search(body):
                payload = parsing.storable(payload)
        except RecursionError:
            raise parsing.NotJSONError(parsing.TOO_DEEP) from None
        event_type = self.event_type(payload)
        return list(event_type.reader(payload)) if event_type and event_type.reader else []
