"""Views of a job's items and packages, for its page."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from console.formatting.datetimes import day_and_time
from console.formatting.text import collapse_whitespace
from orders.labels import code_label
from orders.models import Job, TimelineEntry
from orders.situation import id_list
from orders.state import is_removed
from webhooks.payloads import jobs

MAX_PARTS = 300  # items, and packages and items in one
MAX_ADDITIONS = 200  # events that added items

ItemKey = tuple[str, int]  # id, occurrence


@dataclass(frozen=True)
class ReplacementView:
    """An item that replaces another; its price and the difference are None if they are not known."""

    name: str
    price: Decimal | None = None
    difference: Decimal | None = None


@dataclass(frozen=True)
class ItemView:
    value: jobs.JobItem
    name: str
    is_removed: bool
    replaced_by: list[ReplacementView]
    instead_of: list[str]  # names of the items that it replaces
    added: str  # when and by whom it was added, if that was after the first event
    packages: list[str]  # their names

    @property
    def found_less(self) -> bool:
        quantity, found = self.value.quantity, self.value.found_quantity
        return self.value.status == "FOUND" and quantity is not None and found is not None and found < quantity

    @property
    def rank(self) -> int:
        """The place on the page: first the items that support has to talk about, last the removed ones."""
        ranks = [self.value.status == "NOT_FOUND", self.value.status == "REPLACED", bool(self.added), self.found_less]
        return len(ranks) + 1 if self.is_removed else [*ranks, True].index(True)


@dataclass(frozen=True)
class ItemCounts:
    """Counts of items: the removed ones, and of the others all and those in each state."""

    all: int
    missing: int
    replaced: int
    added: int
    removed: int


@dataclass(frozen=True)
class PackageView:
    name: str
    reference: str
    items: list[str]  # their names
    is_removed: bool


def build_items(job: jobs.Job, added_at: dict[ItemKey, datetime]) -> list[ItemView]:
    """Return the items in the order of their rank; `added_at` as from additions()."""
    known = {item.id: item for item in job.job_items}
    packages = defaultdict(list)
    for package in job.packages:
        for id in id_list(package.items):
            packages[id].append(collapse_whitespace(package.name) or package.id)
    seen: Counter[str] = Counter()
    items = []
    for item in job.job_items:
        added = _added(item, added_at.get((item.id, seen[item.id])))
        seen[item.id] += 1
        items.append(
            ItemView(
                value=item,
                name=_name(item),
                is_removed=is_removed(item),
                replaced_by=[_replacement(item, known.get(id), id) for id in id_list(item.replacements)],
                instead_of=[_name(known[id]) if id in known else id for id in id_list(item.replacing_to)],
                added=added,
                packages=packages.get(item.id, []),
            )
        )
    return sorted(items, key=lambda item: item.rank)


def count_items(items: Iterable[ItemView]) -> ItemCounts:
    present = [item for item in items if not item.is_removed]
    return ItemCounts(
        all=len(present),
        missing=sum(item.value.status == "NOT_FOUND" for item in present),
        replaced=sum(item.value.status == "REPLACED" for item in present),
        added=sum(bool(item.added) for item in present),
        removed=sum(item.is_removed for item in items),
    )


def additions(job: Job, entry: TimelineEntry | None) -> dict[ItemKey, datetime]:
    """Return when each item was added that the job's first event does not contain; as of `entry`, or else now."""
    entries = job.timeline.filter(changes__contains=[{"kind": "item", "field": "added"}])
    if entry:
        entries = entries.filter(position__lte=entry.position)
    return {
        (change["id"], change["occurrence"]): occurred_at
        for occurred_at, changes in entries.order_by("-position").values_list("occurred_at", "changes")[:MAX_ADDITIONS]
        for change in changes
        if change["kind"] == "item" and change["field"] == "added"
    }


def build_packages(job: jobs.Job) -> list[PackageView]:
    names = {item.id: _name(item) for item in job.job_items}
    return [
        PackageView(
            name=collapse_whitespace(package.name) or package.id,
            reference=package.reference or "",
            items=[names.get(id, id) for id in id_list(package.items)][:MAX_PARTS],
            is_removed=is_removed(package),
        )
        for package in job.packages[:MAX_PARTS]
    ]


def _added(item: jobs.JobItem, time: datetime | None) -> str:
    by = code_label(item.added_by) if item.added_by and item.added_by != "CLIENT" else ""
    if not time:
        return _("Added by {who}").format(who=by) if by else ""
    when = day_and_time(time)
    return _("Added {when} by {who}").format(when=when, who=by) if by else _("Added {when}").format(when=when)


def _replacement(item: jobs.JobItem, other: jobs.JobItem | None, id: str) -> ReplacementView:
    if other is None:
        return ReplacementView(id)
    difference = other.price - item.price if other.price is not None and item.price is not None else None
    return ReplacementView(_name(other), other.price, difference)


def _name(item: jobs.JobItem) -> str:
    return collapse_whitespace(item.name) or item.id
