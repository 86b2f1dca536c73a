"""Descriptions of the changes of a job that an event made, in the reader's language."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.formatting.numbers import localize_separators
from console.formatting.text import shorten
from orders.labels import code_label
from orders.state import Change
from webhooks.payloads.parsing import moment
from webhooks.processing.projections import FieldChange

# Labels of the fields whose own names are not clear enough.
LABELS = {
    "actual_end": gettext_lazy("ended"),
    "actual_start": gettext_lazy("started"),
    "client_reference": gettext_lazy("reference"),
    "declared_value": gettext_lazy("declared value"),
    "destination.address": gettext_lazy("destination"),
    "destination.name": gettext_lazy("destination"),
    "found_quantity": gettext_lazy("found"),
    "job_comment": gettext_lazy("comment"),
    "optimal_end": gettext_lazy("planned end"),
    "optimal_start": gettext_lazy("planned start"),
    "origin.name": gettext_lazy("store"),
    "origin.store_reference": gettext_lazy("store number"),
    "payment_info.invoice.reference": gettext_lazy("invoice"),
    "payment_info.payment.payment_status": gettext_lazy("payment status"),
    "payment_info.payment.value": gettext_lazy("paid"),
    "payment_info.prices.order_value": gettext_lazy("order value"),
    "payment_info.prices.subtotal": gettext_lazy("subtotal"),
    "payment_value": gettext_lazy("to pay"),
    "quantity": gettext_lazy("ordered"),
    "recipient.email": gettext_lazy("customer's e-mail"),
    "recipient.name": gettext_lazy("customer"),
    "recipient.phone_number": gettext_lazy("customer's phone"),
    "slot.from": gettext_lazy("slot from"),
    "slot.to": gettext_lazy("slot to"),
    "added_by": gettext_lazy("added by"),
    "cancellation_source": gettext_lazy("cancelled by"),
    "delivery_code": gettext_lazy("delivery code"),
    "destination.address_two": gettext_lazy("destination, second line"),
    "destination.city": gettext_lazy("destination's city"),
    "destination.description": gettext_lazy("destination description"),
    "destination.zip_code": gettext_lazy("destination's zip code"),
    "is_substitute": gettext_lazy("is a substitute"),
    "items": gettext_lazy("contents"),
    "name": gettext_lazy("name"),
    "operational_model": gettext_lazy("operational model"),
    "origin.address": gettext_lazy("store's address"),
    "original_prices.discounts": gettext_lazy("discounts when ordered"),
    "original_prices.payment_value": gettext_lazy("to pay when ordered"),
    "original_prices.shipping_fee": gettext_lazy("shipping when ordered"),
    "original_prices.subtotal": gettext_lazy("subtotal when ordered"),
    "original_prices.taxes": gettext_lazy("taxes when ordered"),
    "package_name": gettext_lazy("package"),
    "package_reference": gettext_lazy("package number"),
    "payment_method": gettext_lazy("payment method"),
    "price": gettext_lazy("price"),
    "reference": gettext_lazy("number"),
    "replacement_mode": gettext_lazy("if unavailable"),
    "status": gettext_lazy("status"),
    "sub_quantity": gettext_lazy("second quantity"),
    "unit": gettext_lazy("unit"),
    "updated_prices.discounts": gettext_lazy("discounts"),
    "updated_prices.shipping_fee": gettext_lazy("shipping"),
    "updated_prices.taxes": gettext_lazy("taxes"),
    "weight": gettext_lazy("weight"),
}
# Fields that another field of the same change implies, or that are of no use to a reader.
OMITTED = {
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
# The endings of the names of fields with amounts of money, and of those with quantities.
AMOUNTS = ("price", "value", "subtotal", "taxes", "discounts", "shipping_fee")
QUANTITIES = ("quantity", "weight")
MAX_VALUE = 200  # characters


@dataclass
class PartChanges:
    """The changes of one part of a job: an item, package, task or step, or the job itself, whose `name` is ""."""

    kind: str
    name: str
    events: list[str] = field(default_factory=list)  # "added", "removed"
    fields: list[FieldChange] = field(default_factory=list)


def describe_changes(changes: Iterable[Change]) -> list[PartChanges]:
    """Return the changes of a TimelineEntry by part; a part without a change that a reader would notice is left out."""
    parts: dict[tuple[str, str, int], PartChanges] = {}
    resources: dict[tuple[str, str, int], dict[str, tuple[str | None, str | None]]] = {}
    for change in changes:
        key = change["kind"], change["id"], change["occurrence"]
        part = parts.setdefault(key, PartChanges(change["kind"], part_name(change)))
        name = change["field"]
        if name == "added":
            part.events.append(_("added"))
        elif name == "removed":
            part.events.append(_("removed") if change["after"] else _("added back"))
        elif name.startswith("resource."):
            resources.setdefault(key, {})[name.removeprefix("resource.")] = change["before"], change["after"]
        elif name not in OMITTED:
            before, after = format_value(name, change["before"]), format_value(name, change["after"])
            if before != after:  # as None and "" are not
                part.fields.append(FieldChange(field_label(name), before, after))
    for key, fields in resources.items():
        before, after = (_full_name(fields, side) for side in (0, 1))
        if before != after:
            changed = FieldChange(_("assigned to"), before or _("nobody"), after or _("nobody"))
            parts[key].fields.append(changed)
    return [part for part in parts.values() if part.events or part.fields]


def part_name(change: Change) -> str:
    name = " ".join(change["name"].split())
    return code_label(name) if change["kind"] in ("task", "step") else name


def _full_name(fields: dict[str, tuple[str | None, str | None]], side: int) -> str:
    parts = [fields[name][side] for name in ("first_name", "last_name") if name in fields]
    return " ".join(part for part in parts if part)


def field_label(field: str) -> str:
    known = LABELS.get(field)
    return str(known) if known else field.replace("_", " ").replace(".", ", ")


def format_value(field: str, value: Any) -> str:
    """Return the value of a field of a snapshot as text for a reader."""
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict | list):
        return shorten(json.dumps(value, ensure_ascii=False), MAX_VALUE)
    if field.endswith(("_start", "_end", "_at", ".from", ".to")) and (time := moment(value)):
        return date_format(timezone.localtime(time), "DAY_AND_TIME")
    if field.endswith(AMOUNTS):
        return shorten(format_amount(str(value)), MAX_VALUE)
    if field.endswith(QUANTITIES):  # without thousands separators: 4.000 kg are four
        return shorten(localize_separators(plain_number(str(value))), MAX_VALUE)
    return shorten(code_label(plain_number(str(value))), MAX_VALUE)


def plain_number(text: str) -> str:
    """Return a number without trailing zeros ("4.000" becomes "4"), any other text unchanged."""
    if "." not in text:
        return text
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        return text


def format_amount(text: str) -> str:
    """Return a number without trailing zeros, with the separators of the page's language; any other text unchanged."""
    try:
        return localize_separators(f"{Decimal(plain_number(text)):,f}")
    except InvalidOperation:
        return text
