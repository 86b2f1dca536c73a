"""Views of a job's history, for its page: its events with their changes, and the items of other apps between them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from orders import timeline
from orders.job_panels import JobPanel, TimelineItem
from orders.models import Job, TimelineEntry
from webhooks import providers
from webhooks.providers.base import EventType

MAX_EVENTS = 40  # on one page of the history
MAX_ITEMS = 60  # of other apps, among those events
MAX_CHANGES = 8  # parts of a job that an event changed; further ones are folded away
MAX_FOLDED_CHANGES = 72
DELAYED_FROM = timedelta(minutes=2)  # between sending and receiving


@dataclass
class HistoryRow:
    """One event of the job (`entry`), or one item of another app (`item`)."""

    at: datetime
    received_at: datetime | None
    entry: TimelineEntry | None = None
    event_type: EventType | None = None
    changes: list[timeline.PartChanges] = field(default_factory=list)
    folded_changes: list[timeline.PartChanges] = field(default_factory=list)
    left_out: int = 0  # changes that are not shown
    item: TimelineItem | None = None
    day: datetime | None = None  # if the row is the first of a day

    @property
    def delay(self) -> timedelta | None:
        """The time between the sending and the receipt of the event."""
        return self.received_at - self.at if self.received_at else None

    @property
    def is_delayed(self) -> bool:
        return self.delay is not None and self.delay >= DELAYED_FROM


@dataclass(frozen=True)
class HistoryPage:
    rows: list[HistoryRow]  # the latest first
    older: str  # the id of the event that the next page continues after; "" on the last page
    is_continued: bool
    has_items_left_out: bool


def build_history(request: HttpRequest, job: Job, at: TimelineEntry | None, panels: list[JobPanel]) -> HistoryPage:
    """Return a page of the history, until the event `at` if there is one.

    `?before=` (an event's id) is where the previous page ended.
    """
    entries = job.timeline.order_by("-position").annotate(received_at=F("event__received_at"))
    if at:
        entries = entries.filter(position__lte=at.position)
    id = request.GET.get("before", "")
    cursor = job.timeline.filter(external_id=id[:200]).first() if id else None
    if cursor:
        entries = entries.filter(position__lt=cursor.position)
    found = list(entries[: MAX_EVENTS + 1])
    page, is_more = found[:MAX_EVENTS], len(found) > MAX_EVENTS
    end = cursor.occurred_at if cursor else at.occurred_at + timedelta(seconds=1) if at else None
    start = page[-1].occurred_at if is_more else None
    items = [item for panel in panels for item in panel.get_timeline_items(job, start, end, MAX_ITEMS + 1)]
    items.sort(key=lambda item: item.at, reverse=True)
    return HistoryPage(
        rows=_merged([_event_row(job, entry, entry.received_at) for entry in page], items[:MAX_ITEMS]),
        older=page[-1].external_id if is_more else "",
        is_continued=cursor is not None,
        has_items_left_out=len(items) > MAX_ITEMS,
    )


def _event_row(job: Job, entry: TimelineEntry, received_at: datetime | None) -> HistoryRow:
    changes = timeline.describe_changes(entry.changes)
    shown, folded = changes[:MAX_CHANGES], changes[MAX_CHANGES:]
    return HistoryRow(
        at=entry.occurred_at,
        received_at=received_at,
        entry=entry,
        event_type=providers.registry()[job.provider].describe(entry.type),
        changes=shown,
        folded_changes=folded[:MAX_FOLDED_CHANGES],
        left_out=len(folded[MAX_FOLDED_CHANGES:]),
    )


def _merged(events: list[HistoryRow], items: list[TimelineItem]) -> list[HistoryRow]:
    """Return both, the latest first; an item with the time of an event comes before it in the list."""
    rows = [*events, *(HistoryRow(item.at, item.received_at, item=item) for item in items)]
    rows.sort(key=lambda row: (row.at, row.item is not None), reverse=True)
    day = None
    for row in rows:
        row_day = timezone.localtime(row.at).date()
        row.day = row.at if row_day != day else None
        day = row_day
    return rows
