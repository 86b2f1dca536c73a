"""Store an event with one statement."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from django.db import InterfaceError, OperationalError, connection
from django.db.models import F

from webhooks.auth.live_sources import LiveSource
from webhooks.auth.redaction import redacted
from webhooks.auth.verification import Verification
from webhooks.models import Event
from webhooks.payloads import compression, parsing
from webhooks.providers.base import Envelope

_COLUMNS = """
    source_id, type, subject, external_id, dedup_key, body_hash, body, headers, remote_address, occurred_at,
    secret_id, access_token_id, auth_mode, signed_content, error
"""
_VALUES = """
    %(source_id)s, %(type)s, %(subject)s, %(external_id)s, %(dedup_key)s, %(body_hash)s, %(body)s, %(headers)s::jsonb,
    %(remote_address)s::inet, %(occurred_at)s::timestamptz,
    %(secret_id)s, %(access_token_id)s::bigint, %(auth_mode)s, %(signed_content)s, %(error)s
"""
# Stores an event whose key is new, as nearly all are; nothing else happens to any other.
_INSERT_NEW = f"""
    INSERT INTO webhooks_event ({_COLUMNS}, status) VALUES ({_VALUES}, %(status)s)
    ON CONFLICT DO NOTHING RETURNING id
"""  # noqa: S608
# What has its key: the original, and what is in conflict with it. Each is found by a unique index of its own.
_UNDER_KEY = """
    SELECT {0} FROM webhooks_event
    WHERE source_id = %(source_id)s AND dedup_key = %(dedup_key)s AND conflict_of_id IS NULL {1}
    UNION ALL
    SELECT {0} FROM webhooks_event
    WHERE source_id = %(source_id)s AND dedup_key = %(dedup_key)s AND conflict_of_id IS NOT NULL {1}
    LIMIT {2}
"""
_MOST_COMPARED = 20
_OF_THE_SAME_BYTES = _UNDER_KEY.format("id", "AND body_hash = %(body_hash)s", 1)
_OF_THE_SAME_KEY = _UNDER_KEY.format("id, body", "", _MOST_COMPARED)
_INSERT_CONFLICT = f"""
    INSERT INTO webhooks_event ({_COLUMNS}, conflict_of_id, status)
    SELECT {_VALUES}, original.id, 'conflict' FROM webhooks_event AS original
    WHERE original.source_id = %(source_id)s AND original.dedup_key = %(dedup_key)s AND original.conflict_of_id IS NULL
    ON CONFLICT DO NOTHING RETURNING id
"""  # noqa: S608
_TRIES = 3


@dataclass(frozen=True)
class Stored:
    id: int
    is_duplicate: bool


def store(
    source: LiveSource,
    envelope: Envelope,
    verification: Verification,
    *,
    body: bytes,
    problem: str,
    headers: Mapping[str, str],
    remote_address: str | None,
) -> Stored:
    """Commit the event, or count another delivery of it; raise django.db.Error where it could not be stored.

    `problem` says why the body is not JSON, where it is not.
    """
    values = {
        "source_id": source.id,
        "type": envelope.type,
        "subject": envelope.subject,
        "external_id": envelope.external_id,
        "dedup_key": envelope.dedup_key,
        "body_hash": envelope.body_hash,
        "body": compression.compressed(body),
        "headers": json.dumps(redacted(headers, source)),
        "remote_address": remote_address,
        "occurred_at": envelope.occurred_at,
        "secret_id": verification.secret_id,
        "access_token_id": verification.access_token_id,
        "auth_mode": verification.mode,
        "signed_content": verification.signed_content,
        "error": problem,
        "status": _status(envelope, problem),
    }
    for remaining in reversed(range(_TRIES)):
        try:
            connection.health_check_done = True  # Django's SELECT 1 would be a second statement; we try again instead
            if stored := _store(values, body):
                return stored
        except (OperationalError, InterfaceError):
            # The connection was lost while it lay idle, as when PostgreSQL restarts. Inside a transaction (tests, or a
            # caller of ours) the connection is not ours to replace.
            if not remaining or connection.in_atomic_block:
                raise
            connection.close()
    raise OperationalError("What has its key comes and goes.")


def _store(values, body):
    """Return None where somebody else was quicker with the same key, or removed what had it."""
    if row := _insert_new(values):
        return Stored(*row, is_duplicate=False)
    if known := _known(values, body):
        again = Event.objects.filter(pk=known).update(delivery_count=F("delivery_count") + 1)
        return Stored(known, is_duplicate=True) if again else None
    if row := _fetch_one(_INSERT_CONFLICT, values):
        return Stored(*row, is_duplicate=False)
    return None


def _insert_new(values):
    """Return its row, or None where its key is taken.

    The statement is prepared once for each connection, and the body goes as it is: Django's own cursors write it into
    the statement, in hexadecimal, and PostgreSQL then reads and plans that anew each time.
    """
    connection.ensure_connection()
    with connection._prepare_cursor(psycopg.Cursor(connection.connection)) as cursor:
        cursor.execute(_INSERT_NEW, values)
        return cursor.fetchone()


def _known(values, body):
    """Return the number of what is stored under the same key and is the same, or says the same in another spelling.

    Where the proof leaves the body open, another body is a conflict, but another spelling is none.
    """
    if row := _fetch_one(_OF_THE_SAME_BYTES, values):
        return row[0]
    if values["dedup_key"] == values["body_hash"] or not (ours := _meaning(body)):
        return None
    with connection.cursor() as cursor:
        cursor.execute(_OF_THE_SAME_KEY, values)
        return next((id for id, stored in cursor if _meaning(compression.restored(bytes(stored))) == ours), None)


def _meaning(body):
    try:
        return parsing.canonical_hash(parsing.parse(body))
    except parsing.NotJSONError:  # purged; or nested more deeply than it can be compared
        return None


def _fetch_one(statement, values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def _status(envelope, problem):
    if problem:
        return Event.Status.UNREADABLE
    return Event.Status.PENDING if envelope.is_read else Event.Status.IGNORED
