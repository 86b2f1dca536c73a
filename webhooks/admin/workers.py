"""Workers: which run now, on which machine."""

from datetime import timedelta

from django.contrib import admin
from django.utils import timezone

from config.admin import ReadOnlyAdmin
from config.badges import badge
from webhooks.models import Worker


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    list_display = ["name", "state", "started_at", "seen_at"]
    fields = ["name", "state", "started_at", "seen_at"]
    ordering = ["-seen_at"]

    @admin.display(description="state")
    def state(self, worker):
        is_there = worker.seen_at > timezone.now() - timedelta(seconds=Worker.GONE_AFTER)
        return badge("Works", "green") if is_there else badge("Gone without a word", "red")
