"""Previews of processing events again: the changes of a transaction that is rolled back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from webhooks.models import Event
from webhooks.processing import projections
from webhooks.processing.locks import wait_for_subjects
from webhooks.processing.processor import process_events
from webhooks.processing.projections import SubjectOfSource

MAX_EVENTS = 50
_INTERNAL_FIELDS = {"field_versions", "snapshot", "position", "received_at", "deleted_at", "event", "versions"}
_MAX_VALUE_LENGTH = 200  # characters
_MAX_LABEL_LENGTH = 60  # characters


@dataclass(frozen=True)
class Difference:
    """A field of a row whose value would change; "" for no value."""

    row: str
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Preview:
    """The result of a dry run: the number of events, the fields that would change, and the errors that would occur."""

    tried: int
    differences: list[Difference]
    errors: dict[int, str]  # by the event's primary key


def preview(events: QuerySet[Event], first: Callable[[], None] = lambda: None) -> Preview:
    """Return what would change if the first MAX_EVENTS of these were processed now; `first` runs before it."""
    chosen = list(events.order_by("pk")[:MAX_EVENTS].select_related("source"))
    subjects = list(dict.fromkeys((event.source, event.subject) for event in chosen))
    with transaction.atomic():
        wait_for_subjects(chosen)
        before = _values(subjects)
        first()
        processed = list(Event.objects.filter(pk__in=[event.pk for event in chosen]).select_related("source"))
        process_events(processed)
        after = _values(subjects)
        transaction.set_rollback(True)
    errors = {event.pk: event.error for event in processed if event.status == Event.Status.DEAD}
    return Preview(len(processed), _compare(before, after), errors)


def _values(subjects: Iterable[SubjectOfSource]) -> dict[tuple[str, str], str]:
    """Return every value by its row and field."""
    return {
        (_label(row), str(field.verbose_name)): _as_text(getattr(row, field.name))
        for source, subject in subjects
        for row in projections.rows(source, subject)
        for field in row._meta.concrete_fields
        if not (field.primary_key or field.name in _INTERNAL_FIELDS or field.name.startswith("search_"))
    }


def _label(row: Model) -> str:
    identity = getattr(row, "external_id", "") or row.pk
    return f"{str(row._meta.verbose_name).capitalize()} {str(row)[:_MAX_LABEL_LENGTH]} ({identity})"


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)[:_MAX_VALUE_LENGTH]


def _compare(before: dict[tuple[str, str], str], after: dict[tuple[str, str], str]) -> list[Difference]:
    differences = [
        Difference(row, field, before.get((row, field), ""), after.get((row, field), ""))
        for row, field in dict.fromkeys([*before, *after])
    ]
    return [difference for difference in differences if difference.before != difference.after]
