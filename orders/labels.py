"""Labels of InstaLeap's codes, badges of its statuses, and the text of slots, in the reader's language.

The codes are those of docs.instaleap.io and those that real events have. A code that is not known becomes words.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from console.formatting.badges import badge
from console.formatting.datetimes import format_time_range

_LABELS = {
    # Statuses of jobs, items, tasks and steps
    "CANCELLED": _("Cancelled"),
    "CREATED": _("Created"),
    "DOING": _("Doing"),
    "DONE": _("Done"),
    "FINISHED": _("Finished"),
    "FOUND": _("Found"),
    "NOT_FOUND": _("Not found"),
    "PENDING": _("Pending"),
    "PROCESSING": _("Processing"),
    "REFUSED": _("Refused"),
    "REPLACED": _("Replaced"),
    # Operational models, and tasks
    "FULL_SERVICE": _("Full service"),
    "PICK_AND_COLLECT": _("Pick and collect"),
    "PICK_AND_COLLECT_NO_TRANSFER": _("Pick and collect, no transfer"),
    "PICK_AND_DELIVERY": _("Pick and delivery"),
    "PICK_AND_DELIVERY_WITH_STORAGE": _("Pick and delivery with storage"),
    "PICK_AND_DELIVERY_WITH_STORAGE_NO_TRANSFER": _("Pick and delivery with storage, no transfer"),
    "CONSOLIDATION": _("Consolidation"),
    "DELIVERY": _("Delivery"),
    "DELIVERY_WITH_STORAGE": _("Delivery with storage"),
    "PICKING": _("Picking"),
    "PICKING_AND_STORAGE": _("Picking and storage"),
    "PICKING_WITH_STORAGE": _("Picking with storage"),
    "PICK_UP": _("Pick up"),
    "PICK_UP_FOR_DELIVERY": _("Pick up for delivery"),
    "STORAGE": _("Storage"),
    "ZONE_PICKING": _("Zone picking"),
    # Steps
    "CHECKING_OUT": _("Checking out"),
    "DELIVERING": _("Delivering"),
    "GOING_TO_DESTINATION": _("Going to destination"),
    "GOING_TO_ORIGIN": _("Going to origin"),
    "PARKING": _("Parking"),
    "STORING": _("Storing"),
    "TRANSFERRING": _("Transferring"),
    # People and programs
    "AGENT": _("Support agent"),
    "CLIENT": _("Client"),
    "CONTROL_TOWER": _("Control tower"),
    "CUSTOMER": _("Customer"),
    "ISSUE": _("Issue"),
    "PICKER": _("Picker"),
    # Money
    "APPROVED": _("Approved"),
    "CARD": _("Card"),
    "CASH": _("Cash"),
    "DECLINED": _("Declined"),
    "FAILED": _("Failed"),
    "PREPAGO": _("Prepaid"),
    "PREPAID": _("Prepaid"),
    "REFUNDED": _("Refunded"),
    "REJECTED": _("Rejected"),
    # Replacement modes
    "NO_REPLACE": _("Do not replace"),
    "PICKER_DECIDES": _("The picker decides"),
    "SUGGESTED": _("As suggested"),
}


_COLOURS = {
    "CANCELLED": "red",
    "CREATED": "grey",
    "DOING": "blue",
    "DONE": "green",
    "FINISHED": "green",
    "FOUND": "green",
    "NOT_FOUND": "red",
    "PENDING": "grey",
    "PROCESSING": "blue",
    "REFUSED": "red",
    "REPLACED": "amber",
}


def code_label(code: str) -> str:
    """Return the label of a code, for NOT_FOUND "Not found"; a text that is not a code is returned as it is."""
    if known := _LABELS.get(code):
        return str(known)
    is_code = code.isupper() and code.replace("_", "").isalnum()
    return code.replace("_", " ").capitalize() if is_code else code


def status_badge(code: str | None) -> SafeString:
    """Return the badge of a status: its label, in its colour."""
    return badge(code_label(code or ""), _COLOURS.get(code or "", "grey"))


def format_slot(start: datetime | None, end: datetime | None, now: datetime | None = None) -> str:
    """Return "3 Mar 14:00–15:00", on the day of `now` "14:00–15:00", and "–" for a slot that is not known."""
    if not start or not end:
        known = start or end
        return date_format(timezone.localtime(known), "DAY_AND_TIME") if known else "–"
    local_start, local_end = timezone.localtime(start), timezone.localtime(end)
    if now is None or timezone.localtime(now).date() != local_start.date():
        return format_time_range(start, end)
    begins = date_format(local_start, "TIME_FORMAT")
    if local_start.date() == local_end.date():
        return f"{begins}–{date_format(local_end, 'TIME_FORMAT')}"
    return f"{begins} – {date_format(local_end, 'DAY_AND_TIME')}"
