"""The values of job events: a job with InstaLeap's fields under InstaLeap's names.

https://docs.instaleap.io, "Job Tracking Statuses". Fields that are not declared here are stored too (`extra`), and
`model_fields_set` has the fields that were present in the event. Nothing here needs a database.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from webhooks.payloads.schema import Id, NothingIsEmpty, Number, Text, Time, Value, parse_time


class Slot(Value):
    id: Text = None
    from_: Time = Field(None, alias="from")
    to: Time = None
    expires_at: Time = None


class Recipient(Value):
    name: Text = None
    email: Text = None
    phone_number: Text = None
    identification: Any = None


class Place(Value):
    name: Text = None
    address: Text = None
    address_two: Text = None
    description: Text = None
    country: Text = None
    city: Text = None
    state: Text = None
    zip_code: Text = None
    latitude: Number = None
    longitude: Number = None
    store_reference: Text = None


class JobItem(Value):
    id: Id
    name: Text = None
    status: Text = None
    replacements: Any = None
    is_substitute: bool | None = None
    added_by: Text = None
    photo_url: Text = None
    found_quantity: Number = None
    comment: Text = None
    barcodes: Any = None
    package_name: Text = None
    package_reference: Text = None
    scanned_barcode: Text = None
    replacement_mode: Text = None
    suggested_replaments: Any = None  # their spelling
    lot: Text = None
    picking_task_id: Text = None
    replacing_to: Any = None
    attributes: Any = None
    quantity: Number = None
    sub_quantity: Number = None
    unit: Text = None
    sub_unit: Text = None
    price: Number = None
    weight: Number = None
    volume: Number = None


class Package(Value):
    id: Id
    name: Text = None
    reference: Text = None
    items: Any = None


class Vehicle(Value):
    id: Text = None
    label: Text = None
    client_id: Text = None


class Position(Value):
    latitude: Number = None
    longitude: Number = None


class Resource(Value):
    id: Text = None
    dni: Text = None
    phone_number: Text = None
    email: Text = None
    first_name: Text = None
    last_name: Text = None
    fleet_id: Text = None
    photo_url: Text = None
    client_id: Text = None
    last_update_position: Time = None
    position: Position | None = None
    vehicle: Vehicle | None = None


class Step(Value):
    id: Id
    type: Text = None
    status: Text = None
    optimal_start: Time = None
    optimal_end: Time = None
    actual_start: Time = None
    actual_end: Time = None


class Task(Value):
    id: Id
    type: Text = None
    status: Text = None
    resource_id: Text = None
    resource: Resource | None = None
    steps: Annotated[list[Step], NothingIsEmpty] = []

    def assigned_resource_id(self) -> str | None:
        """Return the id of the picker or driver, which a task gives in one of two fields."""
        return (self.resource and self.resource.id) or self.resource_id


class Prices(Value):
    payment_value: Number = None
    taxes: Number = None
    subtotal: Number = None
    discounts: Number = None
    order_value: Number = None
    shipping_fee: Number = None
    attributes: Any = None
    additional_info: Any = None


class Invoice(Value):
    reference: Text = None
    attributes: Any = None


class Payment(Value):
    id: Text = None
    method: Text = None
    reference: Text = None
    method_details: Text = None
    blocking_policy: Text = None
    payment_status: Text = None
    payment_status_details: Any = None
    value: Number = None
    metadata: Any = None


class PaymentInfo(Value):
    prices: Prices | None = None
    invoice: Invoice | None = None
    payment: Payment | None = None
    currency_code: Text = None


class Job(Value):
    id: Id
    status: Text = None
    source: Text = None
    cancellation_source: Text = None
    client_reference: Text = None
    declared_value: Number = None
    payment_value: Number = None
    payment_method: Text = None
    operational_model: Text = None
    external_data: Any = None
    slot: Slot | None = None
    recipient: Recipient | None = None
    origin: Place | None = None
    destination: Place | None = None
    job_items: Annotated[list[JobItem], NothingIsEmpty] = []
    packages: Annotated[list[Package], NothingIsEmpty] = []
    payment_info: PaymentInfo | None = None
    volume: Number = None
    weight: Number = None
    issue_of: Any = None
    tasks: Annotated[list[Task], NothingIsEmpty] = []
    original_prices: Prices | None = None
    updated_prices: Prices | None = None
    delivery_code: Text = None
    job_comment: Text = None
    created_at: Time = None


class JobEvent(Value):
    """One event: a job as it was at a moment, and what had just happened to it."""

    id: Id
    type: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    created_at: Annotated[datetime, BeforeValidator(parse_time)]
    client_id: Id
    job: Job

    def sort_key(self) -> str:
        """Return the event's sort key among the events of its job, from its content alone; compared as text.

        `created_at` has whole seconds, so that the latest time in the snapshot comes next, then the id.
        """
        moments = [
            time
            for task in self.job.tasks
            for time in (
                *(time for step in task.steps for time in (step.actual_start, step.actual_end)),
                task.resource.last_update_position if task.resource else None,
            )
            if time
        ]
        return "|".join([_sortable(self.created_at), _sortable(max(moments)) if moments else "", self.id])


def _sortable(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds")
