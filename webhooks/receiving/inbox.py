"""The inbox: stores an event with one statement, or finds that it is stored already."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import psycopg
from django.db import InterfaceError, OperationalError, connection
from django.db.models import F

from webhooks.auth.live_sources import LiveSource
from webhooks.auth_modes import Verification
from webhooks.models import Event
from webhooks.payloads import compression, parsing
from webhooks.providers.base import Envelope
from webhooks.receiving.inbound import InboundRequest
from webhooks.redaction import redact_headers

_COLUMNS = """
    source_id, type, subject, external_id, dedup_key, body_hash, body, headers, remote_address, occurred_at,
    secret_id, access_token_id, auth_mode, signed_content, error
"""
_VALUES = """
    %(source_id)s, %(type)s, %(subject)s, %(external_id)s, %(dedup_key)s, %(body_hash)s, %(body)s, %(headers)s::jsonb,
    %(remote_address)s::inet, %(occurred_at)s::timestamptz,
    %(secret_id)s, %(access_token_id)s::bigint, %(auth_mode)s, %(signed_content)s, %(error)s
"""
# Stores an event whose key is new, as nearly all are; does nothing for any other.
_INSERT_NEW = f"""
    INSERT INTO webhooks_event ({_COLUMNS}, status) VALUES ({_VALUES}, %(status)s)
    ON CONFLICT DO NOTHING RETURNING id
"""  # noqa: S608
# The events with its key: the original, and those in conflict with it. Each is found by a unique index of its own.
_UNDER_KEY = """
    SELECT {0} FROM webhooks_event
    WHERE source_id = %(source_id)s AND dedup_key = %(dedup_key)s AND conflict_of_id IS NULL {1}
    UNION ALL
    SELECT {0} FROM webhooks_event
    WHERE source_id = %(source_id)s AND dedup_key = %(dedup_key)s AND conflict_of_id IS NOT NULL {1}
    LIMIT {2}
"""
_MAX_COMPARED = 20
_OF_THE_SAME_BYTES = _UNDER_KEY.format("id", "AND body_hash = %(body_hash)s", 1)
_OF_THE_SAME_KEY = _UNDER_KEY.format("id, body", "", _MAX_COMPARED)
_INSERT_CONFLICT = f"""
    INSERT INTO webhooks_event ({_COLUMNS}, conflict_of_id, status)
    SELECT {_VALUES}, original.id, 'conflict' FROM webhooks_event AS original
    WHERE original.source_id = %(source_id)s AND original.dedup_key = %(dedup_key)s AND original.conflict_of_id IS NULL
    ON CONFLICT DO NOTHING RETURNING id
"""  # noqa: S608
_MAX_TRIES = 3


Row = tuple[Any, ...]


@dataclass(frozen=True)
class NewEvent:
    """An event that is to be stored."""

    source_id: int
    envelope: Envelope
    verification: Verification
    body: bytes
    problem: str  # why the body is not JSON; "" where it is
    headers: Mapping[str, str]  # redacted
    remote_address: str | None

    @classmethod
    def of(cls, source: LiveSource, inbound: InboundRequest, verification: Verification) -> Self:
        """Return the event that a verified request delivers."""
        return cls(
            source_id=source.id,
            envelope=source.provider.envelope(inbound.body, inbound.parsed.payload),
            verification=verification,
            body=inbound.body,
            problem=inbound.parsed.problem,
            headers=redact_headers(inbound.headers, source),
            remote_address=str(inbound.address) if inbound.address else None,
        )

    @property
    def status(self) -> Event.Status:
        if self.problem:
            return Event.Status.UNREADABLE
        return Event.Status.PENDING if self.envelope.is_read else Event.Status.IGNORED

    def values(self) -> dict[str, Any]:
        """Return the parameters of the statements."""
        return {
            "source_id": self.source_id,
            "type": self.envelope.type,
            "subject": self.envelope.subject,
            "external_id": self.envelope.external_id,
            "dedup_key": self.envelope.dedup_key,
            "body_hash": self.envelope.body_hash,
            "body": compression.compressed(self.body),
            "headers": json.dumps(self.headers),
            "remote_address": self.remote_address,
            "occurred_at": self.envelope.occurred_at,
            "secret_id": self.verification.secret_id,
            "access_token_id": self.verification.access_token_id,
            "auth_mode": self.verification.mode,
            "signed_content": self.verification.signed_content,
            "error": self.problem,
            "status": self.status,
        }


@dataclass(frozen=True)
class StoredEvent:
    id: int
    is_duplicate: bool


def store_event(event: NewEvent) -> StoredEvent:
    """Commit the event, or count another delivery of it; raise django.db.Error where it could not be stored."""
    values = event.values()
    for remaining in reversed(range(_MAX_TRIES)):
        try:
            # Instead of Django's SELECT 1, a second statement, this tries again.
            connection.health_check_done = True  # type: ignore[attr-defined]
            if stored := _store(values, event.body):
                return stored
        except (OperationalError, InterfaceError):
            # The connection was lost while it was idle, as when PostgreSQL restarts. Inside a transaction, the
            # connection belongs to the caller.
            if not remaining or connection.in_atomic_block:
                raise
            connection.close()
    raise OperationalError("The events with the same key appear and disappear.")


def _store(values: Mapping[str, Any], body: bytes) -> StoredEvent | None:
    """Return None where another request took the same key in between, or the event that had it was deleted."""
    if row := _insert_new(values):
        return StoredEvent(row[0], is_duplicate=False)
    if known := _find_duplicate(values, body):
        is_counted = Event.objects.filter(pk=known).update(delivery_count=F("delivery_count") + 1)
        return StoredEvent(known, is_duplicate=True) if is_counted else None
    if row := _fetch_one(_INSERT_CONFLICT, values):
        return StoredEvent(row[0], is_duplicate=False)
    return None


def _insert_new(values: Mapping[str, Any]) -> Row | None:
    """Return the new row, or None where the key is taken.

    The statement is prepared once for each connection, and the body is a parameter: Django's own cursors write it into
    the statement, in hexadecimal, which PostgreSQL then parses and plans each time.
    """
    connection.ensure_connection()
    with connection._prepare_cursor(psycopg.Cursor(connection.connection)) as cursor:  # type: ignore[attr-defined]
        cursor.execute(_INSERT_NEW, values)
        row: Row | None = cursor.fetchone()
        return row


def _find_duplicate(values: Mapping[str, Any], body: bytes) -> int | None:
    """Return the id of the stored event with the same key and the same content, perhaps in another spelling.

    Where the signature does not cover the body, a different body under the same key is a conflict, not a duplicate.
    """
    if row := _fetch_one(_OF_THE_SAME_BYTES, values):
        return int(row[0])
    if values["dedup_key"] == values["body_hash"] or not (wanted := _content_hash(body)):
        return None
    with connection.cursor() as cursor:
        cursor.execute(_OF_THE_SAME_KEY, values)
        for id, stored in cursor:
            if _content_hash(compression.restored(bytes(stored))) == wanted:
                return int(id)
    return None


def _content_hash(body: bytes) -> bytes | None:
    try:
        return parsing.canonical_hash(parsing.parse_json(body))
    except parsing.NotJSONError:  # its body was dropped, or is nested too deeply to be compared
        return None


def _fetch_one(statement: str, values: Mapping[str, Any]) -> Row | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row: Row | None = cursor.fetchone()
        return row
