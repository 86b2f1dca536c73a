"""Pages that keep themselves up to date while what they show goes on.

Such a page includes `admin/live.html`, and marks what may change of it: `<section id="items" data-live="Items">`, the
value being how the part is called when a change is announced. `console/live.js` asks for the page again every few
seconds while somebody looks at it, and brings the marked parts up to date. What is a row of its own in a part needs an
`id`, so that it stays the same row for the reader: opened, focused, where it was on the screen.
"""

import hashlib
import time
from dataclasses import dataclass

from django.utils import timezone, translation
from django.utils.cache import get_conditional_response


@dataclass(frozen=True)
class Live:
    """How a page is kept up to date: `version` is another one whenever the page would show something else."""

    version: str
    seconds: int = 5  # between two looks; 0: what it shows is over, nothing more will come

    @property
    def time_zone(self) -> str:
        return timezone.get_current_timezone_name()

    def etag(self, request) -> str:
        """Return what a version looks like to this reader. It ends with the minute, as pages say "3 minutes ago"."""
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


def not_modified(request, live: Live | None):
    """Return the answer 304 where the reader already has this version, else None."""
    return get_conditional_response(request, etag=live.etag(request)) if live else None
