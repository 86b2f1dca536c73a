"""Who writes which values; `orders` and `chat` register here, so that this app needs to know neither."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from webhooks.models import Event, Source


@dataclass(frozen=True)
class Change:
    """A value that a reader got from an event."""

    event: Event
    value: Any


# Write the changes, which may come in any order and more than once. `history` gives all changes of the same kind that
# the stored events of some (provider, subject) tell of, for whoever must fold a subject anew.
History = Callable[[Iterable[tuple[str, str]]], list[Change]]
Fold = Callable[[list[Change], History], None]


Subjects = set[tuple[Source, str]]  # what the events of some sources are about
Names = dict[tuple[Source, str], str]


@dataclass(frozen=True)
class Link:
    text: str
    url: str  # in the admin


@dataclass(frozen=True)
class Told:
    """A field that an event told of: how it was before, None where that is not known, and as the event has it."""

    name: str
    before: str | None
    after: str
    note: str = ""


@dataclass(frozen=True)
class Effect:
    """What an event did to one thing, in words."""

    thing: str
    url: str = ""  # in the admin
    happened: list[str] = field(default_factory=list)  # what has no before and after
    fields: list[Told] = field(default_factory=list)


@dataclass(frozen=True)
class Kind:
    """What an app does with the values of its kind."""

    fold: Fold
    links: Callable[[Source, str], list[Link]]  # to what the events of a source about a subject became, in the admin
    names: Callable[[Subjects], Names]  # what those are called that became something
    rows: Callable[[Source, str], Iterable[Model]]  # what they became
    effects: Callable[[Event], Iterable[Effect]]  # what an event that was processed changed
    # Make ready for all events to be folded anew, where a fold would else keep what an earlier reading told.
    forget: Callable[[], None] = lambda: None


_kinds: dict[type, Kind] = {}


def register(value_type: type, kind: Kind) -> None:
    _kinds[value_type] = kind


def admin_links(source: Source, subject: str) -> list[Link]:
    """Return links to what the events of a source about `subject` became."""
    return [link for kind in _kinds.values() for link in kind.links(source, subject)] if subject else []


def names(subjects: Subjects) -> Names:
    """Return what those of the subjects are called that became something, in a few queries for all of them."""
    found = {}
    for kind in _kinds.values():
        if left := {(source, subject) for source, subject in subjects if subject} - found.keys():
            found |= kind.names(left)
    return found


def rows(source: Source, subject: str) -> list[Model]:
    """Return the rows that the events of a source about `subject` became."""
    return [row for kind in _kinds.values() for row in kind.rows(source, subject)] if subject else []


def effects(event: Event) -> list[Effect]:
    """Return what an event that was processed changed, in words."""
    return [effect for kind in _kinds.values() for effect in kind.effects(event)]


def forget() -> None:
    """Make ready for all events to be folded anew."""
    for kind in _kinds.values():
        kind.forget()


def fold(changes: list[Change], history: History) -> None:
    """Hand each kind of value to who writes it."""
    for value_type, kind in _kinds.items():
        mine = [change for change in changes if isinstance(change.value, value_type)]
        if mine:
            kind.fold(
                mine, lambda subjects, wanted=value_type: [c for c in history(subjects) if isinstance(c.value, wanted)]
            )
