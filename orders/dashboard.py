"""The card of the overview about jobs: their counts, and the most overdue."""

from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.utils import timezone

from console.changelist.filters import on_day
from console.dashboard import DashboardCard, dashboard_cards
from console.formatting.numbers import MAX_COUNT, BoundedCount
from orders.models import Job, JobQuerySet

MAX_LISTED = 8
# A job that is late for longer probably ended without a final event.
_ABANDONED_FROM = timedelta(days=1)


@dashboard_cards.register
class JobsNowCard(DashboardCard):
    """The numbers of jobs by state, and the late jobs."""

    id = "jobs-now"
    position = 20
    permission = "orders.view_job"
    template = "admin/orders/jobs_now.html"

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        late, under_way = Job.objects.late_now(), Job.objects.under_way()
        overdue = late.filter(slot_to__gte=timezone.now() - _ABANDONED_FROM)
        ended_today = on_day("ended_at", 0)(Job.objects.all())
        counts = BoundedCount.of_each(
            late, overdue, under_way, ended_today.filter(status="FINISHED"), ended_today.filter(status="CANCELLED")
        )
        abandoned = BoundedCount(counts[0].number - counts[1].number) if counts[0].is_complete else None
        return {
            "late": counts[0],
            "under_way": counts[2],
            "finished": counts[3],
            "cancelled": counts[4],
            "abandoned": abandoned,
            "states": _by_state(under_way),
            "late_jobs": overdue.order_by("slot_to").defer("snapshot")[:MAX_LISTED],
        }


def _by_state(jobs: JobQuerySet) -> list[tuple[str, BoundedCount]]:
    """Return the states of jobs with their counts, the most frequent first, of at most MAX_COUNT jobs."""
    some = Job.objects.filter(pk__in=jobs.order_by().values("pk")[:MAX_COUNT])
    states = some.values_list("status").annotate(count=Count("pk")).order_by("-count", "status")
    return [(status, BoundedCount(number)) for status, number in states]
