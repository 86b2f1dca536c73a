"""What is remembered of refused requests: few of them whole, and how many there were.

Neither their number nor their rate is ours, so both are bounded: a flood of them costs a few statements a second.
"""

import logging
import time
from collections import Counter
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from django.db import Error, connection, transaction
from django.utils import timezone

from webhooks.auth.redaction import redacted
from webhooks.exceptions import RequestRejected, TemporarilyUnavailable
from webhooks.models import RefusalCount, Rejection
from webhooks.payloads import parsing
from webhooks.rejections.explanations import explain

if TYPE_CHECKING:
    from webhooks.receiving.inbound import Attempt

logger = logging.getLogger(__name__)
KEPT = 1000  # of each source, the latest
KEPT_BYTES = 16 * 1024  # of a body
_COUNTS_KEPT = timedelta(days=90)
# Each process may write so many at once, and so many a second, of each source; all are counted.
_BURST, _RATE = 20, 2
_COUNT = """
    INSERT INTO webhooks_refusalcount (source_id, hour, code, count) VALUES (%s, %s, %s, %s)
    ON CONFLICT (source_id, hour, code) DO UPDATE SET count = webhooks_refusalcount.count + excluded.count
"""


class Allowance:
    """A token bucket."""

    def __init__(self):
        self.left, self.at = _BURST, time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self.left = min(_BURST, self.left + (now - self.at) * _RATE)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


_lock = Lock()
_allowances: dict[int | None, Allowance] = {}  # by the source's id; None: no source has this address
_uncounted: Counter[tuple[int | None, datetime, str]] = Counter()  # source, hour, code


def remember(attempt: "Attempt", refusal: RequestRejected) -> None:
    """Count a refusal and, within the allowance, keep it with its likely cause; where that fails, log it."""
    if isinstance(refusal, TemporarilyUnavailable):
        return  # ours, not the sender's, and there may be no database to write to
    source_id = attempt.source and attempt.source.id
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    with _lock:
        _uncounted[source_id, hour, refusal.code] += 1
        if not _allowances.setdefault(source_id, Allowance()).take():
            return
        counts = _uncounted.copy()
        _uncounted.clear()
    try:
        with transaction.atomic():
            Rejection.objects.create(**_values(attempt, refusal))
            _forget_the_oldest(source_id)
            with connection.cursor() as cursor:
                # In the same order in every process, so that none waits for another in a circle.
                cursor.executemany(_COUNT, sorted(((*key, count) for key, count in counts.items()), key=str))
    except Error:
        logger.exception("A refusal for %s could not be stored", attempt.slug)
        with _lock:
            _uncounted.update(counts)


def _values(attempt, refusal):
    explanation, secrets = explain(attempt, refusal)
    # Credentials are in a token request's body wherever the provider put them: nothing of it is kept.
    body = b"" if attempt.door == Rejection.Door.TOKEN else attempt.body
    for secret in secrets:
        body = body.replace(secret, b"[removed]")
    return {
        "source_id": attempt.source and attempt.source.id,
        "slug": parsing.bounded(attempt.slug, 100),
        "door": attempt.door,
        "code": refusal.code,
        "status": refusal.status,
        "detail": str(refusal),
        "explanation": parsing.storable(explanation),
        "method": parsing.bounded(attempt.method, 20),
        "headers": redacted(attempt.headers, attempt.source, strict=True),
        "remote_address": attempt.address and str(attempt.address),
        "body": body[:KEPT_BYTES],
        "body_length": len(attempt.body),
    }


def _forget_the_oldest(source_id):
    mine = Rejection.objects.filter(source=source_id)
    for newest_beyond in mine.order_by("-id").values_list("id", flat=True)[KEPT : KEPT + 1]:
        mine.filter(id__lte=newest_beyond).delete()
    RefusalCount.objects.filter(source=source_id, hour__lt=timezone.now() - _COUNTS_KEPT).delete()


def forget() -> None:
    """Begin anew in this process: full allowances, nothing uncounted."""
    with _lock:
        _allowances.clear()
        _uncounted.clear()
