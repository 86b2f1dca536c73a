"""What processing events again would change, tried in a transaction that is then undone."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Model, QuerySet

from webhooks.models import Event
from webhooks.processing import projections
from webhooks.processing.processor import process_events, wait_for_subjects

MOST = 50  # events
_INTERNAL = {"field_versions", "snapshot", "position", "received_at", "deleted_at", "event", "versions"}
_LONGEST = 200  # characters of a value


@dataclass(frozen=True)
class Difference:
    row: str
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Preview:
    tried: int
    differences: list[Difference]
    dead: dict[int, str]  # by event: why it would be given up on


def preview(events: QuerySet[Event], first: Callable[[], None] = lambda: None) -> Preview:
    """Return what would change if these were processed now, `first` done before; of many the first MOST are tried."""
    chosen = list(events.order_by("pk")[:MOST].select_related("source"))
    subjects = list(dict.fromkeys((event.source, event.subject) for event in chosen))
    with transaction.atomic():
        wait_for_subjects(chosen)
        before = _state(subjects)
        first()
        events = list(Event.objects.filter(pk__in=[event.pk for event in chosen]).select_related("source"))
        process_events(events)
        after = _state(subjects)
        transaction.set_rollback(True)
    dead = {event.pk: event.error for event in events if event.status == Event.Status.DEAD}
    return Preview(len(events), _compare(before, after), dead)


def _state(subjects) -> dict[tuple[str, str], str]:
    """Return every value by its row and field."""
    return {
        (_name(row), field.verbose_name): _words(getattr(row, field.name))
        for source, subject in subjects
        for row in projections.rows(source, subject)
        for field in row._meta.concrete_fields
        if not (field.primary_key or field.name in _INTERNAL or field.name.startswith("search_"))
    }


def _name(row: Model) -> str:
    identity = getattr(row, "external_id", "") or row.pk
    return f"{row._meta.verbose_name.capitalize()} {str(row)[:60]} ({identity})"


def _words(value) -> str:
    return "" if value is None else str(value)[:_LONGEST]


def _compare(before, after):
    differences = [
        Difference(row, field, before.get((row, field), ""), after.get((row, field), ""))
        for row, field in dict.fromkeys([*before, *after])
    ]
    return [difference for difference in differences if difference.before != difference.after]
