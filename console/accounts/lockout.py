"""The response to users who are locked out; django-axes counts their attempts (AXES_* in the settings)."""

from math import ceil
from typing import Any

from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from console.client_address import client_address


def address(request: HttpRequest) -> str | None:
    """Return the client's address as for webhooks, None where it is unknown."""
    found = client_address(request.META)
    return str(found) if found else None


def response(request: Any, original_response: Any, credentials: dict[str, Any]) -> HttpResponse:
    """Return 429: a page in the admin, JSON elsewhere."""
    answer: HttpResponse
    seconds = seconds_left(get_client_username(request, credentials), request.axes_ip_address)
    minutes = ceil(seconds / 60)
    if "admin" in request.resolver_match.app_names:
        answer = admin.site.locked_out(  # type: ignore[attr-defined]
            request, minutes
        )
    else:
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
        answer = JsonResponse({"detail": f"Too many wrong attempts. Try again in {wait}."}, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def seconds_left(username: str | None, ip_address: str | None) -> int:
    """Return after how many seconds the lock ends."""
    attempts = AccessAttempt.objects.filter(username=username, ip_address=ip_address)
    last = attempts.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    return max(1, ceil((last + settings.AXES_COOLOFF_TIME - timezone.now()).total_seconds()))
