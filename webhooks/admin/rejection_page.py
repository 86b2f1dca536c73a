"""The page of a rejection: its cause and remedy, the request, and other rejections for the same reason."""

from typing import Any

from django.db.models import Min, Sum
from django.urls import reverse

from webhooks import json_viewer
from webhooks.admin.downloads import BodyDownloadView
from webhooks.models import RefusalCount, Rejection
from webhooks.rejections.reasons import find_remedy, get_reason_label
from webhooks.rejections.recorder import MAX_BODY_BYTES

MAX_SIMILAR = 8


class RejectionBodyView(BodyDownloadView):
    route = "<int:pk>/body/"
    name = "webhooks_rejection_body"
    queryset = Rejection.objects.all()


def build_rejection_context(rejection: Rejection) -> dict[str, Any]:
    """Return the context of admin/webhooks/rejection/page.html."""
    body = bytes(rejection.body)
    counts = RefusalCount.objects.filter(source=rejection.source_id, code=rejection.code)
    # All rows of a source are few: webhooks.rejections.recorder keeps the latest 1,000.
    similar = Rejection.objects.filter(source=rejection.source_id, code=rejection.code).defer("body", "headers")
    rendered = json_viewer.render_body(body, is_whole=len(body) == rejection.body_length)
    query = f"code={rejection.code}" + (f"&source={rejection.source_id}" if rejection.source_id else "")
    return {
        "title": f"{get_reason_label(rejection.code)}, {rejection.slug}",
        "rejection": rejection,
        "remedy": find_remedy(rejection),
        "body": rendered if body else None,
        "is_cut": rejection.body_length > len(body) >= MAX_BODY_BYTES,
        "raw_url": reverse("admin:webhooks_rejection_body", args=[rejection.pk]),
        "counted": counts.aggregate(count=Sum("count"), first=Min("hour")),
        "similar": similar[:MAX_SIMILAR],
        "similar_url": f"{reverse('admin:webhooks_rejection_changelist')}?{query}",
        "before": similar.filter(pk__lt=rejection.pk).first(),
        "after": similar.filter(pk__gt=rejection.pk).order_by("id").first(),
    }
