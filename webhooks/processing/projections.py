"""The extension point through which apps derive rows from events, so that this app needs to know none of them."""

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import Model

from console.registry import Extension, Registry
from webhooks.links import Link
from webhooks.models import Event, Source

Subject = tuple[str, str]  # provider, subject of an event
SubjectOfSource = tuple[Source, str]


@dataclass(frozen=True)
class Change:
    """A value that a reader got from an event."""

    event: Event
    value: Any


class SubjectHistory(Protocol):
    """The stored events about some subjects, for a projection that gets a late event."""

    def changes(self, subjects: set[Subject], value_type: type) -> list[Change]:
        """Return the values of this type in all applied events about the subjects, in any order.

        Raises webhooks.processing.history.HistoryPurgedError where some of the events were purged.
        """


@dataclass(frozen=True)
class FieldChange:
    """A field that an event reported: its value before, None where that is not known, and its value in the event."""

    name: str
    before: str | None
    after: str
    note: str = ""


@dataclass(frozen=True)
class Effect:
    """The effect of an event on one object, as text for a page."""

    thing: str  # the object's label
    url: str = ""  # in the admin
    events: list[str] = field(default_factory=list)  # changes without a value before and after
    fields: list[FieldChange] = field(default_factory=list)


class Projection(Extension):
    """The rows that an app derives from the values of one type. Register a subclass with `@registry.register`."""

    value_type: type  # of the values that `apply` gets

    @abstractmethod
    def apply(self, changes: list[Change], history: SubjectHistory) -> None:
        """Write the changes, which may come in any order and more than once, into the rows."""

    @abstractmethod
    def admin_links(self, source: Source, subject: str) -> Iterable[Link]:
        """Return links to the objects that the events of a source about `subject` created."""

    @abstractmethod
    def labels(self, subjects: set[SubjectOfSource]) -> dict[SubjectOfSource, str]:
        """Return the labels of the objects created from these subjects, in a few queries for all of them."""

    @abstractmethod
    def rows(self, source: Source, subject: str) -> Iterable[Model]:
        """Return the rows that the events of a source about `subject` created."""

    @abstractmethod
    def effects(self, event: Event) -> Iterable[Effect]:
        """Return the effects of a processed event."""

    def reset(self) -> None:
        """Prepare for a rebuild from all events, where `apply` would otherwise keep values of an earlier reading."""


registry: Registry[Projection] = Registry()


def apply_changes(changes: list[Change], history: SubjectHistory) -> None:
    """Pass each change to the projections of its value's type."""
    for projection in registry:
        if own := [change for change in changes if isinstance(change.value, projection.value_type)]:
            projection.apply(own, history)


def admin_links(source: Source, subject: str) -> list[Link]:
    """Return links to the objects that the events of a source about `subject` created; none for an empty subject."""
    return [link for projection in registry for link in projection.admin_links(source, subject)] if subject else []


def labels(subjects: set[SubjectOfSource]) -> dict[SubjectOfSource, str]:
    """Return the labels of the objects created from these subjects; of each subject the first projection's."""
    found: dict[SubjectOfSource, str] = {}
    for projection in registry:
        if left := {(source, subject) for source, subject in subjects if subject} - found.keys():
            found |= projection.labels(left)
    return found


def rows(source: Source, subject: str) -> list[Model]:
    """Return the rows that the events of a source about `subject` created; none for an empty subject."""
    return [row for projection in registry for row in projection.rows(source, subject)] if subject else []


def effects(event: Event) -> list[Effect]:
    """Return the effects of a processed event."""
    return [effect for projection in registry for effect in projection.effects(event)]


def reset_projections() -> None:
    """Prepare all projections for a rebuild from all events."""
    for projection in registry:
        projection.reset()
