"""Downloads of request bodies, in a form that no browser opens or runs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.generic.detail import SingleObjectMixin

from webhooks.admin.views import ModelAdminView
from webhooks.payloads import parsing

_POLICY = "default-src 'none'; sandbox"  # for a browser that displays the file nevertheless


class BodyDownloadView(ModelAdminView, SingleObjectMixin):  # type: ignore[type-arg]  # no generic at run time
    """The stored body of a request, byte for byte."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        stored = self.get_object()
        body = bytes(stored.body)
        extension = "bin" if parsing.Parsed.of(body).problem else "json"
        filename = f"{stored._meta.model_name}-{stored.pk}.{extension}"
        return HttpResponse(
            body,
            content_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="{filename}"',
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": _POLICY,
                "Cache-Control": "private, no-store",
            },
        )
