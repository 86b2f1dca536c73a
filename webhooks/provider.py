"""What a provider is: how it proves itself, what an event of its is called and about, and who reads it."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webhooks import payloads
from webhooks.exceptions import NoEnvelope

SIGNATURE = "signature"
AUTH_MODES = {SIGNATURE: "Signature"}


def raw_body(body: bytes, payload: Any) -> Iterable[bytes]:
    """What most providers sign."""
    yield body


def fields(*names: str) -> Callable[[bytes, Any], Iterable[bytes]]:
    """Return what a provider signs that joins fields of the payload with `&`, exactly as the strings stand in it."""

    def messages(body, payload):
        values = []
        for name in names:
            value = payloads.at(payload, name)
            if not isinstance(value, str):
                raise NoEnvelope(f"The signature is made of {', '.join(names)}; {name} is missing or is no text.")
            values.append(value)
        # Node writes a lone surrogate as U+FFFD when it hashes a string.
        yield payloads.as_node_encodes("&".join(values))

    return messages


@dataclass(frozen=True, kw_only=True)
class Signature:
    """An HMAC in a header, hexadecimal.

    `messages` yields each text that the provider may have signed; `covers` says in words what that proves.
    """

    header: str
    algorithm: str
    covers: str
    messages: Callable[[bytes, Any], Iterable[bytes]] = raw_body

    def fits(self, value: str, secret: str, message: bytes) -> bool:
        """Compare in constant time; an empty secret fits nothing."""
        expected = hmac.new(payloads.as_node_encodes(secret), message, self.algorithm).hexdigest()
        given = value.strip().lower()
        return bool(secret) and hmac.compare_digest(expected.encode(), given.encode(errors="replace"))

    def sign(self, secret: str, body: bytes) -> str:
        """Return the header's value as the provider would send it with `body`."""
        message = next(iter(self.messages(body, payloads.parse(body))))
        return hmac.new(payloads.as_node_encodes(secret), message, self.algorithm).hexdigest()


@dataclass(frozen=True)
class EventType:
    """One type of event: how it is called in words, where its subject stands, and who reads it.

    A reader is pure: payload in, plain values of `orders.values` or `chat.values` out; it raises UnreadableError.
    """

    label: str
    subject: str = ""
    reader: Callable[[Any], Iterable[Any]] | None = None
    category: str = ""
    note: str = ""


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


class UnreadableError(ValueError):
    """A payload is not what its reader knows; the message names each field by its path."""


class Provider:
    # Declare
    name: str
    auth_modes: tuple[str, ...] = (SIGNATURE,)
    signatures: tuple[Signature, ...]
    identity = ""  # path of the event's id where the proof covers that id but not the body
    type_path = "type"
    time_path = "created_at"
    event_types: Mapping[str, EventType]

    # Override where a path is not enough
    def type_of(self, payload) -> str:
        return payloads.bounded(payloads.at(payload, self.type_path), 100)

    def event_type(self, payload) -> EventType | None:
        return self.event_types.get(self.type_of(payload))

    def simulate(self, **options) -> list[dict]:
        """Return the payloads of something realistic that happens from beginning to end, for `manage.py play`."""
        raise NotImplementedError

    # Leave alone
    def describe(self, type: str) -> EventType:
        """Return what is known of an event type; one that is not known is called as it comes."""
        return self.event_types.get(type) or EventType(type)

    def subject_of(self, payload) -> str:
        event_type = self.event_type(payload)
        return payloads.bounded(payloads.at(payload, event_type.subject), 200) if event_type else ""

    def envelope(self, body: bytes, payload) -> Envelope:
        event_type = self.event_type(payload)
        identity = payloads.at(payload, self.identity) if self.identity else None
        if isinstance(identity, str):
            dedup_key = hashlib.sha256(identity.encode(errors="surrogatepass")).digest()
            # The proof leaves the body open, so another body is a conflict, but another spelling is none.
            body_hash = payloads.canonical_hash(payload)
        else:
            dedup_key = body_hash = hashlib.sha256(body).digest()
        return Envelope(
            type=self.type_of(payload),
            subject=self.subject_of(payload),
            external_id=payloads.bounded(identity, 200),
            occurred_at=payloads.moment(payloads.at(payload, self.time_path)),
            dedup_key=dedup_key,
            body_hash=body_hash,
            is_read=bool(event_type and event_type.reader),
        )

    def read(self, body: bytes) -> list[Any]:
        """Return the values that a stored body tells of; raise UnreadableError or NotJSONError."""
        try:
            payload = payloads.storable(payloads.parse(body))
        except RecursionError:
            raise payloads.NotJSONError(payloads.TOO_DEEP) from None
        event_type = self.event_type(payload)
        return list(event_type.reader(payload)) if event_type and event_type.reader else []
