"""Job events: what each type is called, and how a payload is read."""

from pydantic import ValidationError

from orders.values import JobEvent
from webhooks.provider import EventType, UnreadableError

# Models in the order of the provider's page, "Tasks resets per operational models".
TASK_RESETS = {
    "FULL_SERVICE": ["Full Service"],
    "PICK_UP": ["Pick & Collect", "Pick & Collect no transfer"],
    "PICKING_WITH_STORAGE": ["Pick & Collect", "Pick & Delivery with storage"],
    "PICKING_AND_STORAGE": ["Pick & Collect no transfer", "Pick & Delivery with storage no transfer"],
    "PICKING": ["Pick & Delivery"],
    "DELIVERY": ["Pick & Delivery"],
    "STORAGE": ["Pick & Delivery with storage"],
    "PICK_UP_FOR_DELIVERY": ["Pick & Delivery with storage", "Pick & Delivery with storage no transfer"],
    "DELIVERY_WITH_STORAGE": ["Pick & Delivery with storage", "Pick & Delivery with storage no transfer"],
}

JOB, PICKING, INVOICING, STEP, TASK_RESET = "Job", "Picking", "Invoicing", "Step", "Task reset"

_LABELS = {
    JOB: {
        "CREATED": "Job created",
        "CANCELLED": "Job cancelled",
        "RESCHEDULED": "Moved to another slot",
        "REFUSED": "Job refused",
        "ALLOCATED": "Resource assigned",
        "RE_ALLOCATED": "Another resource assigned",
        "EXTERNAL_DATA_UPDATED": "External data updated",
        "STORE_CHANGED": "Store changed",
        "JOB_COMMENT_UPDATED": "Comment updated",
    },
    PICKING: {
        "ITEMS_UPDATED": "Items updated",
        "PACKAGES_CREATED": "Packages created",
        "PACKAGES_UPDATED": "Packages updated",
    },
    INVOICING: {
        "INVOICE_UPDATED": "Invoice updated",
        "PRICES_UPDATED": "Prices updated",
        "PAYMENT_UPDATED": "Payment updated",
    },
    STEP: {
        "GOING_TO_ORIGIN_STARTED": "On the way to the store",
        "ARRIVED_TO_ORIGIN": "Arrived at the store",
        "PICKING_STARTED": "Picking started",
        "PICKING_FINISHED": "Picking finished",
        "CHECKING_OUT_STARTED": "Checking out",
        "CHECKED_OUT": "Checked out",
        "TRANSFERRING_STARTED": "Transfer started",
        "TRANSFERRED": "Transferred",
        "GOING_TO_DESTINATION_STARTED": "On the way to the customer",
        "ARRIVED_TO_DESTINATION": "Arrived at the customer",
        "DELIVERING_STARTED": "Handing over",
        "CLIENT_RECEIVED": "Received by the customer",
        "STORING_STARTED": "Storing started",
        "STORING_UPDATED": "Storing updated",
        "STORING_FINISHED": "Stored",
        "ZONE_PICKING_STARTED": "Zone picking started",
        "ZONE_PICKING_FINISHED": "Zone picking finished",
        "PARKING_STARTED": "Parking started",
        "PARKING_FINISHED": "Parking finished",
    },
    TASK_RESET: {f"TASK_RESET_{task}": f"{task.replace('_', ' ').capitalize()} task reset" for task in TASK_RESETS},
}


def read_job(payload):
    try:
        yield JobEvent.model_validate(payload)
    except ValidationError as error:
        raise UnreadableError("; ".join(map(_sentence, error.errors(include_url=False)))) from None


def _sentence(error):
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    message = error["msg"].removeprefix("Value error, ")
    return f"{path}: {message}"


def _note(type):
    models = TASK_RESETS.get(type.removeprefix("TASK_RESET_")) if type.startswith("TASK_RESET_") else None
    return f"In the operational models {', '.join(models)}" if models else ""


EVENT_TYPES = {
    type: EventType(label, "job.id", read_job, category, _note(type))
    for category, labels in _LABELS.items()
    for type, label in labels.items()
}
