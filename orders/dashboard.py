"""What support staff see first: how jobs stand now, and which are late."""

from datetime import timedelta
from typing import Any

from django.db.models import Count as CountOf
from django.http import HttpRequest
from django.utils import timezone

from console.changelist.filters import on_day
from console.dashboard import DashboardCard, dashboard_cards
from console.formatting.numbers import MAX_COUNT, BoundedCount
from orders.models import Job

LISTED = 8
# Of a job that is late for longer than that, its end most likely never came.
_OLD = timedelta(days=1)


@dashboard_cards.register
class JobsNowCard(DashboardCard):
    """How many jobs there are by state, and which are late."""

    id = "jobs-now"
    position = 20
    permission = "orders.view_job"
    template = "admin/orders/jobs_now.html"

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        late, under_way = Job.objects.late(), Job.objects.under_way()
        lately = late.filter(slot_to__gte=timezone.now() - _OLD)
        ended_today = on_day("ended_at", 0)(Job.objects.all())
        names = ["late", "late_lately", "under_way", "finished", "cancelled"]
        counted = BoundedCount.of_each(
            late, lately, under_way, ended_today.filter(status="FINISHED"), ended_today.filter(status="CANCELLED")
        )
        return dict(zip(names, counted, strict=True)) | {
            "forgotten": BoundedCount(counted[0].number - counted[1].number) if counted[0].is_complete else None,
            "states": _by_state(under_way),
            "late_jobs": lately.order_by("slot_to").defer("snapshot")[:LISTED],
        }


def _by_state(jobs) -> list[tuple[str, BoundedCount]]:
    """Return the states that these are in, the commonest first, of MAX_COUNT of them."""
    some = Job.objects.filter(pk__in=jobs.order_by().values("pk")[:MAX_COUNT])
    states = some.values_list("status").annotate(CountOf("pk")).order_by("-pk__count", "status")
    return [(status, BoundedCount(number)) for status, number in states]
