"""Who guesses passwords or codes is locked out: django-axes counts (AXES_* in the settings), this answers."""

from math import ceil

from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.db.models import Max
from django.http import JsonResponse
from django.utils import timezone

from console.client_address import client_address


def address(request):
    """Return from where a request comes, as it is found for webhooks; None where that cannot be told."""
    found = client_address(request.META)
    return str(found) if found else None


def response(request, original_response, credentials):
    """429: a page in the admin, JSON elsewhere."""
    seconds = seconds_left(get_client_username(request, credentials), request.axes_ip_address)
    minutes = ceil(seconds / 60)
    if "admin" in request.resolver_match.app_names:
        answer = admin.site.locked_out(request, minutes)
    else:
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
        answer = JsonResponse({"detail": f"Too many wrong attempts. Try again in {wait}."}, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def seconds_left(username, ip_address) -> int:
    attempts = AccessAttempt.objects.filter(username=username, ip_address=ip_address)
    last = attempts.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    return max(1, ceil((last + settings.AXES_COOLOFF_TIME - timezone.now()).total_seconds()))
