"""What an integration admin sees first: what needs attention, and how each source and the workers do."""

from datetime import timedelta

from django.db import connection
from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.utils import timezone

from config.health import oldest_waiting
from webhooks import notices, usage
from webhooks.models import Event, RefusalCount, Source, Worker

_DAY = timedelta(days=1)
_ACCEPTED = """
    SELECT source.id, (
        SELECT count(*) FROM (
            SELECT received_at FROM webhooks_event WHERE source_id = source.id ORDER BY id DESC LIMIT %s
        ) AS latest WHERE received_at >= %s
    ) FROM webhooks_source AS source
"""


def attention() -> dict:
    return {"notices": notices.of_all()}


def sources() -> dict:
    since = timezone.now() - _DAY
    last = Event.objects.filter(source=OuterRef("pk")).order_by("-id").values("received_at")[:1]
    rows = list(Source.objects.annotate(last_event_at=Subquery(last)))
    with connection.cursor() as cursor:
        cursor.execute(_ACCEPTED, [usage.MOST, since])
        accepted = dict(cursor.fetchall())
    refused = dict(
        RefusalCount.objects.filter(hour__gte=since).values_list("source").annotate(n=Sum("count")).order_by()
    )
    stuck = Event.objects.filter(status__in=[*Event.WAITING, Event.Status.DEAD]).values("source").order_by()
    counts = {
        row["source"]: row
        for row in stuck.annotate(
            waiting=Count("pk", filter=Q(status__in=Event.WAITING)), dead=Count("pk", filter=Q(status="dead"))
        )
    }
    for source in rows:
        source.accepted, source.refused = accepted.get(source.pk, 0), refused.get(source.pk, 0)
        source.stuck = counts.get(source.pk, {"waiting": 0, "dead": 0})
    return {
        "sources": rows,
        "most": usage.MOST,
        "workers": Worker.objects.alive().count(),
        "oldest_waiting": oldest_waiting(),
    }
