"""Live updates: pages that reload their changing parts.

Such a page includes `admin/live.html` and marks the parts that may change: `<section id="items" data-live="Items">`,
with the name that announces a change to screen readers. While the page is visible, `console/live.js` requests it every
few seconds and replaces the marked parts. Rows inside a part need an `id`, so that they stay open, focused and in
place.
"""

import hashlib
import time
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response


@dataclass(frozen=True)
class Live:
    """The state of a live page: `version` changes with everything that the page shows."""

    version: str
    seconds: int = 5  # between two requests; 0: final, nothing will change

    @property
    def time_zone(self) -> str:
        return timezone.get_current_timezone_name()

    def etag(self, request: HttpRequest) -> str:
        """Return the version as this user sees it. It changes every minute, as pages show "3 min ago"."""
        parts = (
            self.version,
            str(self.seconds),
            str(request.user.pk),
            request.get_full_path(),
            translation.get_language() or "",
            self.time_zone,
            str(int(time.time() // 60)),
        )
        return f'"{hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]}"'


def not_modified(request: HttpRequest, live: Live | None) -> HttpResponse | None:
    """Return the response 304 where the browser already has this version, else None."""
    return get_conditional_response(request, etag=live.etag(request)) if live else None
