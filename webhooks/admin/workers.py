"""Workers: which run now, on which machine, and whether they keep up."""

from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.utils import timezone

from console.formatting.badges import badge
from console.formatting.datetimes import day_and_time
from console.formatting.numbers import BoundedCount
from console.modeladmin import ReadOnlyAdmin
from webhooks.labels import format_duration
from webhooks.models import Event, Worker
from webhooks.monitoring.health import oldest_waiting

BEHIND = 60  # seconds that an event may wait


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    list_before_template = "admin/webhooks/workers.html"
    list_display = ["name", "state", "started", "seen"]
    fields = ["name", "state", "started_at", "seen_at"]
    ordering = ["-seen_at"]

    def get_queryset(self, request):
        alive = Worker.objects.alive().filter(pk=OuterRef("pk"))
        return super().get_queryset(request).annotate(is_alive=Exists(alive))

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        waiting = oldest_waiting()
        processed = Event.objects.filter(status=Event.Status.PROCESSED).defer("body", "headers", "error")
        queue = {
            "workers": Worker.objects.alive().count(),
            "count": BoundedCount.of_each(Event.objects.filter(status__in=Event.WAITING))[0],
            "oldest": waiting,
            "is_behind": waiting > BEHIND,
            "last": processed.order_by("-id").select_related("source").first(),
        }
        return super().changelist_view(request, {"queue": queue, **(extra_context or {})})

    @admin.display(description="state")
    def state(self, worker):
        return badge("Works", "green") if worker.is_alive else badge("Gone without a word", "red")

    @admin.display(description="started", ordering="started_at")
    def started(self, worker):
        return day_and_time(worker.started_at)

    @admin.display(description="seen", ordering="seen_at")
    def seen(self, worker):
        return f"{format_duration(timezone.now() - worker.seen_at)} ago"
