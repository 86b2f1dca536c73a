"""Job events: what each type is called, and how a payload is read."""

from orders.values import JobEvent
from webhooks.provider import EventType
from webhooks.schema import validated

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

JOB = "job"  # the kind of all of them

_LABELS = {
    "Job": {
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
    "Picking": {
        "ITEMS_UPDATED": "Items updated",
        "PACKAGES_CREATED": "Packages created",
        "PACKAGES_UPDATED": "Packages updated",
    },
    "Invoicing": {
        "INVOICE_UPDATED": "Invoice updated",
        "PRICES_UPDATED": "Prices updated",
        "PAYMENT_UPDATED": "Payment updated",
    },
    "Step": {
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
    "Task reset": {f"TASK_RESET_{task}": f"{task.replace('_', ' ').capitalize()} task reset" for task in TASK_RESETS},
}


def read_job(payload):
    yield validated(JobEvent, payload)


def _note(type):
    models = TASK_RESETS.get(type.removeprefix("TASK_RESET_")) if type.startswith("TASK_RESET_") else None
    return f"In the operational models {', '.join(models)}" if models else ""


EVENT_TYPES = {
    type: EventType(label, "job.id", read_job, category, _note(type), JOB)
    for category, labels in _LABELS.items()
    for type, label in labels.items()
}
