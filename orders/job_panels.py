"""What other apps know of a job, for its page; they register it here, as this app knows none of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from orders.models import Job


@dataclass(frozen=True)
class Moment:
    """Something that happened about a job and is no event of it."""

    id: str  # of its element on the page
    at: datetime
    received_at: datetime | None
    template: str
    value: object  # what the template finds under `value`


@dataclass(frozen=True)
class Beside:
    permission: str  # of whoever may see it
    # Another text whenever what is shown would be another; asked every few seconds, so at the cost of a query or two.
    version: Callable[[Job], str]
    # The latest of what happened from one time (or the beginning) until before another (or for ever): so many at most.
    moments: Callable[[Job, datetime | None, datetime | None, int], Iterable[Moment]]
    problems: Callable[[Job], Iterable[str]]  # what is wrong, in words
    template: str  # of what stands at the page's side
    values: Callable[[Job], dict]  # what that template finds under `beside`


_registered: list[Beside] = []


def register(beside: Beside) -> None:
    _registered.append(beside)


def seen_by(user) -> list[Beside]:
    """Return what this user may see."""
    return [beside for beside in _registered if user.has_perm(beside.permission)]
