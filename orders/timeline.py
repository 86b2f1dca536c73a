"""What an event changed, in words."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.utils import timezone
from django.utils.formats import date_format

from webhooks.payloads import moment

# Fields whose own name does not say it.
LABELS = {
    "actual_end": "ended",
    "actual_start": "started",
    "client_reference": "reference",
    "declared_value": "declared value",
    "destination.address": "destination",
    "destination.name": "destination",
    "found_quantity": "found",
    "job_comment": "comment",
    "optimal_end": "planned end",
    "optimal_start": "planned start",
    "origin.name": "store",
    "origin.store_reference": "store number",
    "payment_info.invoice.reference": "invoice",
    "payment_info.payment.payment_status": "payment status",
    "payment_info.payment.value": "paid",
    "payment_info.prices.order_value": "order value",
    "payment_info.prices.subtotal": "subtotal",
    "payment_value": "to pay",
    "quantity": "ordered",
    "recipient.email": "customer's e-mail",
    "recipient.name": "customer",
    "recipient.phone_number": "customer's phone",
    "slot.from": "slot from",
    "slot.to": "slot to",
}
# Said by another field of the same change, or of no use to a reader.
UNSAID = {
    "payment_info.prices.order_value",
    "payment_info.prices.subtotal",
    "picking_task_id",
    "replacements",
    "replacing_to",
    "resource_id",
    "scanned_barcode",
    "updated_prices.payment_value",
    "updated_prices.subtotal",
}
LONGEST = 200  # characters of a value


@dataclass
class Changed:
    """What changed about one thing: the job itself (`name` empty), an item, a package, a task or a step."""

    kind: str
    name: str
    happened: list[str] = field(default_factory=list)  # words without a before and after
    fields: list[tuple[str, str, str]] = field(default_factory=list)  # label, before, after


def in_words(changes: Iterable[dict]) -> list[Changed]:
    """Return the changes of a TimelineEntry, one Changed for each thing."""
    things: dict[tuple, Changed] = {}
    resources: dict[tuple, dict[str, tuple]] = {}
    for change in changes:
        key = change["kind"], change["id"], change["occurrence"]
        thing = things.setdefault(key, Changed(change["kind"], named(change)))
        name = change["field"]
        if name == "added":
            thing.happened.append("added")
        elif name == "removed":
            thing.happened.append("taken off" if change["after"] else "back again")
        elif name.startswith("resource."):
            resources.setdefault(key, {})[name.removeprefix("resource.")] = change["before"], change["after"]
        elif name not in UNSAID:
            before, after = shown(name, change["before"]), shown(name, change["after"])
            if before != after:  # one nothing for another
                thing.fields.append((label(name), before, after))
    for key, fields in resources.items():
        before, after = (person(fields, side) for side in (0, 1))
        if before != after:
            things[key].fields.append(("assigned to", before or "nobody", after or "nobody"))
    return [thing for thing in things.values() if thing.happened or thing.fields]


def named(change: dict) -> str:
    name = " ".join(change["name"].split())
    return words(name) if change["kind"] in ("task", "step") else name


def person(fields: dict[str, tuple], side: int) -> str:
    parts = [fields[name][side] for name in ("first_name", "last_name") if name in fields]
    return " ".join(part for part in parts if part)


def label(field: str) -> str:
    return LABELS.get(field) or field.replace("_", " ").replace(".", ", ")


def words(code: str) -> str:
    """Return a code of the provider's as words: NOT_FOUND becomes "Not found"; what is no code stays as it is."""
    is_code = code.isupper() and code.replace("_", "").isalnum()
    return code.replace("_", " ").capitalize() if is_code else code


def shown(field: str, value) -> str:
    """Return a value of a snapshot as a person reads it."""
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        return _short(json.dumps(value, ensure_ascii=False))
    if field.endswith(("_start", "_end", "_at", ".from", ".to")) and (time := moment(value)):
        return date_format(timezone.localtime(time), "j M H:i")
    return _short(words(plain_number(str(value))))


def plain_number(text: str) -> str:
    """Return a number without the zeros that say nothing ("4.000" becomes "4"), anything else as it is."""
    if "." not in text:
        return text
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        return text


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
