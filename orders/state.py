"""The state of a job: the merge of its events into plain dictionaries under InstaLeap's names, without a database.

A key that is present replaces the former value, an absent one changes nothing. A member that a list no longer contains
stays in it, marked `removed`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from webhooks.payloads.jobs import JobEvent
from webhooks.payloads.schema import Value

# The lists whose members are identified by their id and occurrence, with the name of one member.
LISTS = {"job_items": "item", "packages": "package", "tasks": "task", "steps": "step"}
# The objects whose absent keys change nothing. Others (external_data, attributes, metadata) have the retailer's own
# keys and are replaced as a whole.
OBJECTS = {
    "destination",
    "invoice",
    "origin",
    "original_prices",
    "payment",
    "payment_info",
    "position",
    "prices",
    "recipient",
    "resource",
    "slot",
    "updated_prices",
    "vehicle",
}
# A phone reports its position all day, which is no change worth a line.
IGNORED = {"last_update_position", "position"}

State = dict[str, Any]
Change = dict[str, Any]


def is_removed(part: Value) -> bool:
    """Return whether a member of a list is one that a later event no longer contains."""
    return bool((part.model_extra or {}).get("removed"))


def snapshot(event: JobEvent) -> State:
    """Return the job of an event with only the keys that are present in it, as values of JSON (numbers as text)."""
    return event.job.model_dump(mode="json", by_alias=True, exclude_unset=True)


def merge(state: State, news: State) -> State:
    """Return the state after an event whose snapshot is `news`."""
    merged = dict(state)
    for key, value in news.items():
        before = merged.get(key)
        if key in LISTS:
            merged[key] = _merge_list(before or [], value or [])
        elif key in OBJECTS and isinstance(before, dict) and isinstance(value, dict) and _is_same(before, value):
            merged[key] = merge(before, value)
        else:
            merged[key] = value
    return merged


def _is_same(before: State, after: State) -> bool:
    """Return whether both are the same object: one with another id is a new object, not the old one changed."""
    return before.get("id") == after.get("id") or "id" not in after


def _merge_list(before: list[State], news: list[State]) -> list[State]:
    old = keyed(before)
    new = keyed(news)
    merged = [merge({k: v for k, v in old.get(key, {}).items() if k != "removed"}, part) for key, part in new.items()]
    return merged + [part | {"removed": True} for key, part in old.items() if key not in new]


def keyed(parts: Iterable[State]) -> dict[tuple[str, int], State]:
    """Return the members of a list by (id, occurrence), in their order."""
    seen: Counter[str] = Counter()
    result: dict[tuple[str, int], State] = {}
    for part in parts:
        result[part["id"], seen[part["id"]]] = part
        seen[part["id"]] += 1
    return result


def changes(before: State, after: State) -> list[Change]:
    """Return the differences: one {"kind", "id", "occurrence", "name", "field", "before", "after"} for each field."""
    return list(_changes(before, after, {"kind": "job", "id": after.get("id"), "occurrence": 0, "name": ""}, ""))


def _changes(before: State, after: State, owner: Change, prefix: str) -> Iterator[Change]:
    # The status first, as readers look for it; the other keys sorted, as jsonb does not preserve their order.
    for key in sorted(after, key=lambda key: (key != "status", key)):
        value, old = after[key], before.get(key)
        if key in IGNORED or value == old:
            continue
        if key in LISTS:
            yield from _list_changes(keyed(old or []), keyed(value or []), LISTS[key])
        elif key in OBJECTS and (isinstance(value, dict) or isinstance(old, dict)):
            # Where one side is None, each field was added or removed.
            gone = dict.fromkeys(old or {}) if value is None else {}
            yield from _changes(old or {}, value or gone, owner, f"{prefix}{key}.")
        else:
            yield {**owner, "field": prefix + key, "before": old, "after": value}


def _list_changes(
    before: dict[tuple[str, int], State], after: dict[tuple[str, int], State], kind: str
) -> Iterator[Change]:
    for (id, occurrence), part in after.items():
        old = before.get((id, occurrence))
        owner = {"kind": kind, "id": id, "occurrence": occurrence, "name": part.get("name") or part.get("type") or ""}
        if old is None:
            yield {**owner, "field": "added", "before": None, "after": True}
            yield from _changes({}, {"status": part.get("status")}, owner, "")
        elif bool(old.get("removed")) != bool(part.get("removed")):
            yield {**owner, "field": "removed", "before": bool(old.get("removed")), "after": bool(part.get("removed"))}
        if old is not None:
            yield from _changes(old, {k: v for k, v in part.items() if k != "removed"}, owner, "")
