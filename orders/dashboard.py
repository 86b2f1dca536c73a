"""What support staff see first: how jobs stand now, and which are late."""

from django.utils import timezone

from orders.models import Job

MOST_COUNTED = 1000
LISTED = 8


def jobs_now() -> dict:
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    late = Job.objects.late()
    tiles = [
        ("Under way", Job.objects.under_way(), "?slot=under-way"),
        ("Late against their slot", late, "?slot=late"),
        ("Finished today", Job.objects.filter(status="FINISHED", last_event_at__gte=today), "?status=FINISHED"),
        ("Cancelled today", Job.objects.filter(status="CANCELLED", last_event_at__gte=today), "?status=CANCELLED"),
    ]
    return {
        "tiles": [(title, in_words(jobs), query) for title, jobs, query in tiles],
        "late": late.order_by("slot_to").defer("snapshot")[:LISTED],
    }


def in_words(rows) -> str:
    """Count no further than somebody would go through."""
    count = rows.order_by()[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else str(count)
