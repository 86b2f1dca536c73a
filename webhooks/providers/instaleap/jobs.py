"""The types of job events with their labels, and the reader of their payloads."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from webhooks.payloads.jobs import JobEvent
from webhooks.payloads.schema import validated
from webhooks.providers.base import EventType

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

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

_LABELS = [  # category, its types
    (
        _("Job"),
        {
            "CREATED": _("Job created"),
            "CANCELLED": _("Job cancelled"),
            "RESCHEDULED": _("Moved to another slot"),
            "REFUSED": _("Job refused"),
            "ALLOCATED": _("Resource assigned"),
            "RE_ALLOCATED": _("Another resource assigned"),
            "EXTERNAL_DATA_UPDATED": _("External data updated"),
            "STORE_CHANGED": _("Store changed"),
            "JOB_COMMENT_UPDATED": _("Comment updated"),
        },
    ),
    (
        _("Picking"),
        {
            "ITEMS_UPDATED": _("Items updated"),
            "PACKAGES_CREATED": _("Packages created"),
            "PACKAGES_UPDATED": _("Packages updated"),
        },
    ),
    (
        _("Invoicing"),
        {
            "INVOICE_UPDATED": _("Invoice updated"),
            "PRICES_UPDATED": _("Prices updated"),
            "PAYMENT_UPDATED": _("Payment updated"),
        },
    ),
    (
        _("Step"),
        {
            "GOING_TO_ORIGIN_STARTED": _("On the way to the store"),
            "ARRIVED_TO_ORIGIN": _("Arrived at the store"),
            "PICKING_STARTED": _("Picking started"),
            "PICKING_FINISHED": _("Picking finished"),
            "CHECKING_OUT_STARTED": _("Checking out"),
            "CHECKED_OUT": _("Checked out"),
            "TRANSFERRING_STARTED": _("Transfer started"),
            "TRANSFERRED": _("Transferred"),
            "GOING_TO_DESTINATION_STARTED": _("On the way to the customer"),
            "ARRIVED_TO_DESTINATION": _("Arrived at the customer"),
            "DELIVERING_STARTED": _("Handing over"),
            "CLIENT_RECEIVED": _("Received by the customer"),
            "STORING_STARTED": _("Storing started"),
            "STORING_UPDATED": _("Storing updated"),
            "STORING_FINISHED": _("Stored"),
            "ZONE_PICKING_STARTED": _("Zone picking started"),
            "ZONE_PICKING_FINISHED": _("Zone picking finished"),
            "PARKING_STARTED": _("Parking started"),
            "PARKING_FINISHED": _("Parking finished"),
        },
    ),
    (
        _("Task reset"),
        {
            "TASK_RESET_FULL_SERVICE": _("Full service task reset"),
            "TASK_RESET_PICK_UP": _("Pick up task reset"),
            "TASK_RESET_PICKING_WITH_STORAGE": _("Picking with storage task reset"),
            "TASK_RESET_PICKING_AND_STORAGE": _("Picking and storage task reset"),
            "TASK_RESET_PICKING": _("Picking task reset"),
            "TASK_RESET_DELIVERY": _("Delivery task reset"),
            "TASK_RESET_STORAGE": _("Storage task reset"),
            "TASK_RESET_PICK_UP_FOR_DELIVERY": _("Pick up for delivery task reset"),
            "TASK_RESET_DELIVERY_WITH_STORAGE": _("Delivery with storage task reset"),
        },
    ),
]


def read_job(payload: Any) -> Iterator[JobEvent]:
    yield validated(JobEvent, payload)


def _note(type: str) -> "StrOrPromise":
    models = TASK_RESETS.get(type.removeprefix("TASK_RESET_")) if type.startswith("TASK_RESET_") else None
    return format_lazy(_("In the operational models {models}"), models=", ".join(models)) if models else ""


EVENT_TYPES = {
    type: EventType(label, "job.id", read_job, category, _note(type), JOB)
    for category, labels in _LABELS
    for type, label in labels.items()
}
