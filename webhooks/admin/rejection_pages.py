"""The page of a rejection: why, what would have been right, where to mend it, what came, and how many were alike."""

from django.core.exceptions import PermissionDenied
from django.db.models import Min, Sum
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from webhooks import json_viewer
from webhooks.admin.downloads import as_it_came
from webhooks.models import RefusalCount, Rejection
from webhooks.rejections.reasons import find_remedy
from webhooks.rejections.recorder import MAX_BODY_BYTES

MOST_ALIKE = 8


class RejectionPages:
    """A mixin of RejectionAdmin."""

    page_template = "admin/webhooks/rejection/page.html"

    def get_urls(self):
        view = self.admin_site.admin_view(self.body_view)
        return [path("<int:rejection_id>/body/", view, name="webhooks_rejection_body"), *super().get_urls()]

    def get_page(self, request, rejection):
        body = bytes(rejection.body)
        counts = RefusalCount.objects.filter(source=rejection.source_id, code=rejection.code)
        # All of a source's rows are few: webhooks.rejections.recorder keeps the latest 1,000.
        alike = Rejection.objects.filter(source=rejection.source_id, code=rejection.code).defer("body", "headers")
        shown = json_viewer.shown(body, is_whole=len(body) == rejection.body_length)
        return {
            "title": f"{rejection.reason}, {rejection.slug}",
            "rejection": rejection,
            "remedy": find_remedy(rejection),
            "body": shown if body else None,
            "is_cut": rejection.body_length > len(body) >= MAX_BODY_BYTES,
            "raw_url": reverse("admin:webhooks_rejection_body", args=[rejection.pk]),
            "counted": counts.aggregate(count=Sum("count"), first=Min("hour")),
            "alike": alike[:MOST_ALIKE],
            "alike_url": f"{reverse('admin:webhooks_rejection_changelist')}?code={rejection.code}"
            + (f"&source={rejection.source_id}" if rejection.source_id else ""),
            "before": alike.filter(pk__lt=rejection.pk).first(),
            "after": alike.filter(pk__gt=rejection.pk).order_by("id").first(),
        }

    def body_view(self, request, rejection_id):
        """Hand out what is kept of the body, to the byte."""
        rejection = get_object_or_404(Rejection, pk=rejection_id)
        if not self.has_view_permission(request, rejection):
            raise PermissionDenied
        return as_it_came(bytes(rejection.body), f"rejection-{rejection.pk}")
