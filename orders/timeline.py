"""What an event changed, in words."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.formatting.numbers import localize_separators
from console.formatting.text import shorten
from orders.labels import words
from webhooks.payloads.parsing import moment

# Fields whose own name does not say it.
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
    "destination.description": gettext_lazy("destination, in words"),
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
    "replacement_mode": gettext_lazy("where it is not there"),
    "status": gettext_lazy("status"),
    "sub_quantity": gettext_lazy("second quantity"),
    "unit": gettext_lazy("unit"),
    "updated_prices.discounts": gettext_lazy("discounts"),
    "updated_prices.shipping_fee": gettext_lazy("shipping"),
    "updated_prices.taxes": gettext_lazy("taxes"),
    "weight": gettext_lazy("weight"),
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
# How the names of fields end that are sums of money, and that are quantities.
SUMS = ("price", "value", "subtotal", "taxes", "discounts", "shipping_fee")
QUANTITIES = ("quantity", "weight")
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
            thing.happened.append(_("added"))
        elif name == "removed":
            thing.happened.append(_("taken off") if change["after"] else _("back again"))
        elif name.startswith("resource."):
            resources.setdefault(key, {})[name.removeprefix("resource.")] = change["before"], change["after"]
        elif name not in UNSAID:
            before, after = shown(name, change["before"]), shown(name, change["after"])
            if before != after:  # one nothing for another
                thing.fields.append((label(name), before, after))
    for key, fields in resources.items():
        before, after = (person(fields, side) for side in (0, 1))
        if before != after:
            things[key].fields.append((_("assigned to"), before or _("nobody"), after or _("nobody")))
    return [thing for thing in things.values() if thing.happened or thing.fields]


def named(change: dict) -> str:
    name = " ".join(change["name"].split())
    return words(name) if change["kind"] in ("task", "step") else name


def person(fields: dict[str, tuple], side: int) -> str:
    parts = [fields[name][side] for name in ("first_name", "last_name") if name in fields]
    return " ".join(part for part in parts if part)


def label(field: str) -> str:
    known = LABELS.get(field)
    return str(known) if known else field.replace("_", " ").replace(".", ", ")


def shown(field: str, value) -> str:
    """Return a value of a snapshot as a person reads it."""
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict | list):
        return shorten(json.dumps(value, ensure_ascii=False), LONGEST)
    if field.endswith(("_start", "_end", "_at", ".from", ".to")) and (time := moment(value)):
        return date_format(timezone.localtime(time), "DAY_AND_TIME")
    if field.endswith(SUMS):
        return shorten(by_thousands(str(value)), LONGEST)
    if field.endswith(QUANTITIES):  # not by thousands: 4.000 kg are four
        return shorten(localize_separators(plain_number(str(value))), LONGEST)
    return shorten(words(plain_number(str(value))), LONGEST)


def plain_number(text: str) -> str:
    """Return a number without the zeros that say nothing ("4.000" becomes "4"), anything else as it is."""
    if "." not in text:
        return text
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        return text


def by_thousands(text: str) -> str:
    """Return a number as the page's language writes a sum, less useless zeros; anything else as it is."""
    try:
        return localize_separators(f"{Decimal(plain_number(text)):,f}")
    except InvalidOperation:
        return text
