"""Middleware: the language and time zone of the admin's pages, and a guard against NUL characters.

A page has its user's preferences, else the browser's. Other responses (webhooks, API, health) are in English and UTC.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any, cast
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from console.models import Preferences

type GetResponse = Callable[[HttpRequest], HttpResponseBase]

COOKIE = "time_zone"  # from the browser (console.js)


class LanguageAndTimeZone:
    """Activates the language and time zone around everything that may return a page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.admin = reverse("admin:index")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(self.admin):
            return self.get_response(request)
        chosen = preferences(request.user)
        language = chosen.language or of_browser(request)
        time_zone = chosen.time_zone or time_zone_of_browser(request)
        with _activated(language, time_zone):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = _stream(cast(Iterable[bytes], response.streaming_content), language, time_zone)
        patch_vary_headers(response, ["Accept-Language"])
        response.headers.setdefault("Content-Language", language)
        return response


def preferences(user: Any) -> Preferences:
    """Return a user's preferences without values that no longer exist; console.accounts.backends has loaded them."""
    chosen = getattr(user, "preferences", None) or Preferences(user_id=user.pk)
    if chosen.language not in dict(settings.LANGUAGES):
        chosen.language = ""
    if chosen.time_zone not in time_zones():
        chosen.time_zone = ""
    return chosen


def of_browser(request: HttpRequest) -> str:
    return translation.get_language_from_request(request)


def time_zone_of_browser(request: HttpRequest) -> str:
    """Return the time zone that the browser names, or settings.TIME_ZONE for none or an unknown one."""
    named = request.COOKIES.get(COOKIE, "")
    return named if named in time_zones() else settings.TIME_ZONE


@cache
def time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def reject_null_characters(get_response: GetResponse) -> GetResponse:
    """Middleware: answer 400 to a query string with a NUL character, which PostgreSQL can neither store nor compare."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if "%00" in (query := request.META.get("QUERY_STRING", "")) or "\x00" in query:
            raise BadRequest("The query string has a NUL character.")
        return get_response(request)

    return middleware


@contextmanager
def _activated(language: str, time_zone: str) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(translation.override(language, deactivate=True))
        stack.enter_context(timezone.override(ZoneInfo(time_zone)))
        yield


def _stream(pieces: Iterable[bytes], language: str, time_zone: str) -> Iterator[bytes]:
    pieces = iter(pieces)
    while True:
        with _activated(language, time_zone):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece
