"""What a job's events add up to: plain dictionaries in InstaLeap's names, no database.

A key that is present replaces, one that is absent changes nothing; what a list no longer has stays in it, marked
`removed`.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from webhooks.payloads.jobs import JobEvent

# Lists whose members are known by their id and occurrence, and how one of them is called.
LISTS = {"job_items": "item", "packages": "package", "tasks": "task", "steps": "step"}
# Objects whose absent keys change nothing. Others (external_data, attributes, metadata) are the retailer's own values
# and are replaced whole.
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
# A position that a phone reports all day is no news.
SILENT = {"last_update_position", "position"}

State = dict[str, Any]


def snapshot(event: JobEvent) -> State:
    """Return the job of an event with just the keys that came, in values that JSON has (numbers as text)."""
    return event.job.model_dump(mode="json", by_alias=True, exclude_unset=True)


def merge(state: State, news: State) -> State:
    """Return `state` after `news`."""
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


def _is_same(before, after):
    """Another slot or resource is not the old one with some fields changed."""
    return before.get("id") == after.get("id") or "id" not in after


def _merge_list(before, news):
    old = keyed(before)
    new = keyed(news)
    merged = [merge({k: v for k, v in old.get(key, {}).items() if k != "removed"}, part) for key, part in new.items()]
    return merged + [part | {"removed": True} for key, part in old.items() if key not in new]


def keyed(parts: Iterable[State]) -> dict[tuple[str, int], State]:
    """Return the members of a list by (id, occurrence), in their order."""
    seen = Counter()
    result = {}
    for part in parts:
        result[part["id"], seen[part["id"]]] = part
        seen[part["id"]] += 1
    return result


def changes(before: State, after: State) -> list[dict]:
    """Return what differs: one {"kind", "id", "occurrence", "name", "field", "before", "after"} per field."""
    return list(_changes(before, after, {"kind": "job", "id": after.get("id"), "occurrence": 0, "name": ""}, ""))


def _changes(before, after, owner, prefix):
    # A status first, as it is what one reads for; jsonb keeps no order of keys, so they get one here.
    for key in sorted(after, key=lambda key: (key != "status", key)):
        value, old = after[key], before.get(key)
        if key in SILENT or value == old:
            continue
        if key in LISTS:
            yield from _list_changes(keyed(old or []), keyed(value or []), LISTS[key])
        elif key in OBJECTS and (isinstance(value, dict) or isinstance(old, dict)):
            # None on one side: each field came or went.
            gone = dict.fromkeys(old or {}) if value is None else {}
            yield from _changes(old or {}, value or gone, owner, f"{prefix}{key}.")
        else:
            yield {**owner, "field": prefix + key, "before": old, "after": value}


def _list_changes(before, after, kind):
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
