"""Who writes which values; `orders` and `chat` register here, so that this app needs to know neither."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class Link:
    text: str
    url: str  # in the admin


# Return links to what was folded from the events of a source about a subject.
Links = Callable[[Source, str], list[Link]]

_folds: dict[type, Fold] = {}
_links: list[Links] = []


def register(value_type: type, fold: Fold, links: Links) -> None:
    _folds[value_type] = fold
    _links.append(links)


def admin_links(source: Source, subject: str) -> list[Link]:
    """Return links to what the events of a source about `subject` became."""
    return [link for links in _links for link in links(source, subject)] if subject else []


def fold(changes: list[Change], history: History) -> None:
    """Hand each kind of value to who writes it."""
    for value_type, fold_values in _folds.items():
        mine = [change for change in changes if isinstance(change.value, value_type)]
        if mine:
            fold_values(
                mine, lambda subjects, kind=value_type: [c for c in history(subjects) if isinstance(c.value, kind)]
            )
