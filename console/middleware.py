"""In which language and time zone a page of the admin is: as its user chose, else as the browser says.

What is no such page (webhooks, API, health) stays in English and UTC, and asks nothing of all this.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from console.models import Preferences

COOKIE = "time_zone"  # from the browser (console.js)


class LanguageAndTimeZone:
    """Middleware, around whatever may answer with a page."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.admin = reverse("admin:index")

    def __call__(self, request):
        if not request.path_info.startswith(self.admin):
            return self.get_response(request)
        chosen = preferences(request.user)
        language = chosen.language or of_browser(request)
        time_zone = chosen.time_zone or time_zone_of_browser(request)
        with _spoken(language, time_zone):
            response = self.get_response(request)
        if response.streaming:  # what is written only later
            response.streaming_content = _in_pieces(response.streaming_content, language, time_zone)
        patch_vary_headers(response, ["Accept-Language"])
        response.headers.setdefault("Content-Language", language)
        return response


def preferences(user) -> Preferences:
    """Return what the user chose, for as far as it can still be had; console.accounts.backends has it at hand."""
    chosen = getattr(user, "preferences", None) or Preferences(user_id=user.pk)
    if chosen.language not in dict(settings.LANGUAGES):
        chosen.language = ""
    if chosen.time_zone not in time_zones():
        chosen.time_zone = ""
    return chosen


def of_browser(request) -> str:
    return translation.get_language_from_request(request)


def time_zone_of_browser(request) -> str:
    """Return the zone that the browser names, or the setting's where it names none that there is."""
    named = request.COOKIES.get(COOKIE, "")
    return named if named in time_zones() else settings.TIME_ZONE


@cache
def time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def reject_null_characters(get_response):
    """Middleware: answer 400 to a query string with a NUL character, which PostgreSQL can neither store nor compare."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if "%00" in (query := request.META.get("QUERY_STRING", "")) or "\x00" in query:
            raise BadRequest("The query string has a NUL character.")
        return get_response(request)

    return middleware


@contextmanager
def _spoken(language: str, time_zone: str) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(translation.override(language, deactivate=True))
        stack.enter_context(timezone.override(ZoneInfo(time_zone)))
        yield


def _in_pieces(pieces: Iterable[bytes], language: str, time_zone: str) -> Iterator[bytes]:
    pieces = iter(pieces)
    while True:
        with _spoken(language, time_zone):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece
