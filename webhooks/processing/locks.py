"""Locks of subjects: one worker at a time processes the events about a subject.

They are PostgreSQL's advisory locks and end with the transaction. Two subjects with the same hash share a lock.
"""

from collections.abc import Iterable

from django.db import connection

from webhooks.models import Event

_TRY = """
    SELECT key FROM unnest(%s::text[]) AS key WHERE pg_try_advisory_xact_lock(hashtextextended(key, 0))
"""
# In the order of the hashes, to avoid deadlocks.
_WAIT = """
    SELECT pg_advisory_xact_lock(hash) FROM (
        SELECT DISTINCT hashtextextended(key, 0) AS hash FROM unnest(%s::text[]) AS key ORDER BY hash
    ) AS hashes
"""


def lock_available(events: Iterable[Event]) -> list[Event]:
    """Lock the subjects that no other transaction has locked; return the events about those."""
    events = list(events)
    with connection.cursor() as cursor:
        cursor.execute(_TRY, [_keys(events)])
        locked = {key for (key,) in cursor.fetchall()}
    return [event for event in events if _key(event) in locked]


def wait_for_subjects(events: Iterable[Event]) -> None:
    """Lock the subjects of these events, so that no worker processes them until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_WAIT, [_keys(events)])


def _keys(events: Iterable[Event]) -> list[str]:
    return sorted({_key(event) for event in events})


def _key(event: Event) -> str:
    """Two clients of a provider may use the same id: they share a lock, and the projections keep them apart."""
    return f"{event.source.provider}:{event.subject or event.pk}"
