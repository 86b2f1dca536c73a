"""Store an event with one statement."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from django.db import InterfaceError, OperationalError, connection
from django.db.utils import IntegrityError

from webhooks import bodies, payloads
from webhooks.models import Event
from webhooks.provider import Envelope
from webhooks.redaction import redacted
from webhooks.sources import LiveSource
from webhooks.verification import Proof

_COLUMNS = """
    source_id, type, subject, external_id, dedup_key, body_hash, body, headers, remote_address, occurred_at,
    secret_id, access_token_id, proof, covers, error
"""
_VALUES = """
    %(source_id)s, %(type)s, %(subject)s, %(external_id)s, %(dedup_key)s, %(body_hash)s, %(body)s, %(headers)s::jsonb,
    %(remote_address)s::inet, %(occurred_at)s::timestamptz,
    %(secret_id)s, %(access_token_id)s::bigint, %(proof)s, %(covers)s, %(error)s
"""
# Stores an event whose key is new, as nearly all are; nothing else happens to any other.
_INSERT_NEW = f"""
    INSERT INTO webhooks_event ({_COLUMNS}, status) VALUES ({_VALUES}, %(status)s)
    ON CONFLICT DO NOTHING RETURNING id, FALSE
"""  # noqa: S608
# An event is a conflict where its key is taken by another body. Two such bodies at once both find the key free; one
# then meets the constraint one_original_per_key, and its second try finds the other.
_INSERT = f"""
    INSERT INTO webhooks_event ({_COLUMNS}, conflict_of_id, status)
    SELECT {_VALUES}, original.id, CASE WHEN original.id IS NULL THEN %(status)s ELSE 'conflict' END
    FROM (VALUES (1)) AS one
    LEFT JOIN webhooks_event AS original ON original.source_id = %(source_id)s
        AND original.dedup_key = %(dedup_key)s AND original.conflict_of_id IS NULL
    ON CONFLICT (source_id, dedup_key, body_hash) DO UPDATE SET deliveries = webhooks_event.deliveries + 1
    RETURNING id, deliveries > 1
"""  # noqa: S608
_TRIES = 3
_MOST_COMPARED = 20  # bodies under one key, the original first


@dataclass(frozen=True)
class Stored:
    id: int
    is_duplicate: bool


def store(
    source: LiveSource,
    envelope: Envelope,
    proof: Proof,
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
        "body": bodies.compressed(body),
        "headers": json.dumps(redacted(headers, source)),
        "remote_address": remote_address,
        "occurred_at": envelope.occurred_at,
        "secret_id": proof.secret_id,
        "access_token_id": proof.access_token_id,
        "proof": proof.mode,
        "covers": proof.covers,
        "error": problem,
        "status": _status(envelope, problem),
    }
    for remaining in reversed(range(_TRIES)):
        try:
            connection.health_check_done = True  # Django's SELECT 1 would be a second statement; we try again instead
            return Stored(*(_insert_new(values) or _insert(values | {"body_hash": _known_hash(values, body)})))
        except IntegrityError:
            if not remaining:
                raise
        except (OperationalError, InterfaceError):
            # The connection was lost while it lay idle, as when PostgreSQL restarts. Inside a transaction (tests, or a
            # caller of ours) the connection is not ours to replace.
            if not remaining or connection.in_atomic_block:
                raise
            connection.close()
    raise AssertionError("unreachable")


def _insert_new(values):
    """Return its row, or None where its key is taken.

    The statement is prepared once for each connection, and the body goes as it is: Django's own cursors write it into
    the statement, in hexadecimal, and PostgreSQL then reads and plans that anew each time.
    """
    connection.ensure_connection()
    with connection._prepare_cursor(psycopg.Cursor(connection.connection)) as cursor:
        cursor.execute(_INSERT_NEW, values)
        return cursor.fetchone()


def _known_hash(values, body):
    """Return the hash of what is stored under the same key and says the same in another spelling, else the body's own.

    Where the proof leaves the body open, another body is a conflict, but another spelling is none.
    """
    if values["dedup_key"] != values["body_hash"] and (ours := _meaning(body)):
        stored = Event.objects.filter(source=values["source_id"], dedup_key=values["dedup_key"]).order_by("id")
        for known, hash in stored.values_list("body", "body_hash")[:_MOST_COMPARED]:
            if _meaning(known) == ours:
                return bytes(hash)
    return values["body_hash"]


def _meaning(body):
    try:
        return payloads.canonical_hash(payloads.parse(body))
    except payloads.NotJSONError:  # purged; or nested more deeply than it can be compared
        return None


def _insert(values):
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        return cursor.fetchone()


def _status(envelope, problem):
    if problem:
        return Event.Status.UNREADABLE
    return Event.Status.PENDING if envelope.is_read else Event.Status.IGNORED
