"""The extension point of a job's page: related information of other apps."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.registry import Extension, Registry
from orders.models import Job


@dataclass(frozen=True)
class TimelineItem:
    """An item of a job's history that is not one of its events, such as a message."""

    id: str  # of its element on the page
    at: datetime
    received_at: datetime | None
    template: str
    value: object  # what the template finds under `value`


class JobPanel(Extension):
    """A panel at the side of a job's page, with its items in the job's history."""

    template: str

    def get_version(self, job: Job) -> str:
        """Return a text that changes with everything shown; asked every few seconds, so with a query or two."""
        raise NotImplementedError

    def get_timeline_items(
        self, job: Job, start: datetime | None, end: datetime | None, limit: int
    ) -> Iterable[TimelineItem]:
        """Return the latest items from `start` until before `end`, at most `limit`; None: without that bound."""
        return ()

    def get_problems(self, job: Job) -> Iterable[str]:
        """Return what needs attention, as sentences."""
        return ()

    def get_context(self, job: Job) -> dict[str, Any]:
        """Return what the template finds under `panel`."""
        raise NotImplementedError


job_panels: Registry[JobPanel] = Registry()
