"""InstaLeap's codes in words: those that are known (docs.instaleap.io and what it really sends) in the reader's
language, any other as words of its own.
"""

from django.utils.translation import gettext_lazy as _

WORDS = {
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
    # Who
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
    # What to do where something is not there
    "NO_REPLACE": _("Do not replace"),
    "PICKER_DECIDES": _("The picker decides"),
    "SUGGESTED": _("As suggested"),
}


def words(code: str) -> str:
    """Return a code as words: NOT_FOUND becomes "Not found"; what is no code stays as it is."""
    if known := WORDS.get(code):
        return str(known)
    is_code = code.isupper() and code.replace("_", "").isalnum()
    return code.replace("_", " ").capitalize() if is_code else code
