"""Worker processes: their state, and the events that wait for them."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.formatting.badges import badge
from console.formatting.datetimes import day_and_time
from console.formatting.durations import format_duration
from console.formatting.numbers import BoundedCount
from console.modeladmin import ReadOnlyAdmin
from webhooks.models import Event, Worker
from webhooks.monitoring.health import oldest_waiting

MAX_WAIT = 60  # seconds; with an event that waits for longer, the workers are behind


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    list_before_template = "admin/webhooks/workers.html"
    list_display = ["name", "state", "started", "seen"]
    fields = ["name", "state", "started_at", "seen_at"]
    ordering = ["-seen_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Worker]:
        alive = Worker.objects.alive().filter(pk=OuterRef("pk"))
        queryset: QuerySet[Worker] = super().get_queryset(request)
        return queryset.annotate(is_alive=Exists(alive))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        oldest = oldest_waiting()
        processed = Event.objects.filter(status=Event.Status.PROCESSED).defer("body", "headers", "error")
        queue = {
            "workers": Worker.objects.alive().count(),
            "count": BoundedCount.of(Event.objects.filter(status__in=Event.WAITING).order_by()),
            "oldest": oldest,
            "is_behind": oldest > MAX_WAIT,
            "last": processed.order_by("-id").select_related("source").first(),
        }
        return super().changelist_view(request, {"queue": queue, **(extra_context or {})})

    @admin.display(description=gettext_lazy("state"))
    def state(self, worker: Any) -> SafeString:
        """`worker` is a row of get_queryset()."""
        return badge(_("Running"), "green") if worker.is_alive else badge(_("Not responding"), "red")

    @admin.display(description=gettext_lazy("started"), ordering="started_at")
    def started(self, worker: Worker) -> str:
        return day_and_time(worker.started_at)

    @admin.display(description=gettext_lazy("last seen"), ordering="seen_at")
    def seen(self, worker: Worker) -> str:
        return _("{time} ago").format(time=format_duration(timezone.now() - worker.seen_at))
