"""The record of rejected requests: a bounded sample of them, and the count of all.

Senders decide how many there are and how fast they come, so both are bounded: a flood costs a few statements a second.
"""

import logging
import time
from collections import Counter
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.db import Error, connection, transaction
from django.utils import timezone

from webhooks.models import RefusalCount, Rejection
from webhooks.payloads import parsing
from webhooks.redaction import redact_headers
from webhooks.rejections.known_secrets import KnownSecrets
from webhooks.rejections.reasons import RequestRejected

if TYPE_CHECKING:
    from webhooks.receiving.inbound import InboundRequest

logger = logging.getLogger(__name__)
MAX_REJECTIONS = 1000  # stored of each source, the latest
MAX_BODY_BYTES = 16 * 1024  # that are stored of a body
_COUNTS_RETENTION = timedelta(days=90)
# Each process may store so many rejections of a source at once, and so many a second; all are counted.
_MAX_BURST, _MAX_PER_SECOND = 20, 2
_COUNT = """
    INSERT INTO webhooks_refusalcount (source_id, hour, code, count) VALUES (%s, %s, %s, %s)
    ON CONFLICT (source_id, hour, code) DO UPDATE SET count = webhooks_refusalcount.count + excluded.count
"""


class Allowance:
    """A token bucket: up to _MAX_BURST at once, refilled with _MAX_PER_SECOND."""

    def __init__(self) -> None:
        self.left = float(_MAX_BURST)
        self.updated_at = time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self.left = min(_MAX_BURST, self.left + (now - self.updated_at) * _MAX_PER_SECOND)
        self.updated_at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


_lock = Lock()
_allowances: dict[int | None, Allowance] = {}  # by the source's id; None: no source has this address
_uncounted: Counter[tuple[int | None, datetime, str]] = Counter()  # source, hour, code


def record_rejection(inbound: "InboundRequest", reason: RequestRejected) -> None:
    """Count a rejected request and, within the allowance, store it with its likely cause; log an error of that."""
    if not reason.is_recorded:
        return
    source_id = inbound.source.id if inbound.source else None
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    with _lock:
        _uncounted[source_id, hour, reason.code] += 1
        if not _allowances.setdefault(source_id, Allowance()).take():
            return
        counts = _uncounted.copy()
        _uncounted.clear()
    try:
        with transaction.atomic():
            Rejection.objects.create(**_values(inbound, reason))
            _delete_oldest(source_id)
            with connection.cursor() as cursor:
                # In the same order in every process, to avoid deadlocks.
                cursor.executemany(_COUNT, sorted(((*key, count) for key, count in counts.items()), key=str))
    except Error:
        logger.exception("A rejection for %s could not be stored", inbound.slug)
        with _lock:
            _uncounted.update(counts)


def _values(inbound: "InboundRequest", reason: RequestRejected) -> dict[str, Any]:
    secrets = KnownSecrets(inbound)
    # A token request has credentials anywhere in its body, so that nothing of it is stored.
    body = b"" if inbound.endpoint == Rejection.Endpoint.TOKEN else inbound.body
    for secret in secrets.to_remove():
        body = body.replace(secret, b"[removed]")
    return {
        "source_id": inbound.source.id if inbound.source else None,
        "slug": parsing.bounded(inbound.slug, 100),
        "endpoint": inbound.endpoint,
        "code": reason.code,
        "status": reason.status,
        "detail": str(reason),
        "explanation": reason.cause(inbound, secrets),
        "method": parsing.bounded(inbound.method, 20),
        "headers": redact_headers(inbound.headers, inbound.source, strict=True),
        "remote_address": inbound.address and str(inbound.address),
        "body": body[:MAX_BODY_BYTES],
        "body_length": len(inbound.body),
    }


def _delete_oldest(source_id: int | None) -> None:
    stored = Rejection.objects.filter(source=source_id)
    for newest_beyond in stored.order_by("-id").values_list("id", flat=True)[MAX_REJECTIONS : MAX_REJECTIONS + 1]:
        stored.filter(id__lte=newest_beyond).delete()
    RefusalCount.objects.filter(source=source_id, hour__lt=timezone.now() - _COUNTS_RETENTION).delete()


def reset_counters() -> None:
    """Give this process full allowances, with no rejection left to count."""
    with _lock:
        _allowances.clear()
        _uncounted.clear()
