"""Health endpoints for load balancers and for `make run`."""

from django.db import Error
from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from webhooks.models import Event, Source, Worker


def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 while this process runs."""
    return JsonResponse({"status": "live"})


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 where a new event would be stored and processed, else 503 with the reason."""
    try:
        last_seen = Worker.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
        waiting = oldest_waiting()
    except Error:
        return _unready("The database does not answer.")
    if last_seen is None:
        return _unready("No worker runs: start one with manage.py process_events.")
    silence = (timezone.now() - last_seen).total_seconds()
    if silence > Worker.GONE_AFTER:
        return _unready(f"No worker runs: the last one was seen {silence:.0f} seconds ago.")
    return JsonResponse({"status": "ready", "oldest_waiting_seconds": waiting})


def oldest_waiting() -> int:
    """Return the age in seconds of the oldest event that a worker could process now; 0 where none waits."""
    waiting = Event.objects.filter(status__in=Event.WAITING, next_attempt_at__lte=Now())
    oldest = (
        waiting.exclude(source__state=Source.State.PAUSED).order_by("id").values_list("received_at", flat=True).first()
    )
    return round((timezone.now() - oldest).total_seconds()) if oldest else 0


def _unready(reason: str) -> JsonResponse:
    return JsonResponse({"status": "unready", "reason": reason}, status=503)
