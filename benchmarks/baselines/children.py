"""What people write to turn an event into rows: update_or_create for the job and for each thing that it has.

Into the tables and columns of the product, without what those ask beyond it: nothing is compared with what was there,
and an event that comes late overwrites what is newer.
"""

import json
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from orders.models import Job, JobItem, Package, Resource, Step, Task, TimelineEntry
from webhooks.models import Event


def process(event: Event) -> None:
    with transaction.atomic():
        payload = json.loads(event.body)
        job = _job(event, payload)
        for order, item in enumerate(payload["job"]["job_items"]):
            _part(JobItem, item, order, job=job)
        for order, package in enumerate(payload["job"]["packages"] or []):
            _part(Package, package, order, job=job)
        for order, data in enumerate(payload["job"]["tasks"]):
            task = _part(Task, data, order, job=job, resource=_resource(payload["client_id"], data["resource"]))
            for place, step in enumerate(data["steps"]):
                _part(Step, step, place, task=task)
        TimelineEntry.objects.update_or_create(
            job=job,
            external_id=payload["id"],
            defaults={
                "event": event,
                "type": payload["type"],
                "occurred_at": payload["created_at"],
                "position": payload["created_at"],
                "changes": [],
            },
        )
        event.status, event.processed_at = Event.Status.PROCESSED, timezone.now()
        event.save()


def _job(event, payload):
    data = payload["job"]
    recipient, origin, slot = data["recipient"] or {}, data["origin"] or {}, data["slot"] or {}
    job, _ = Job.objects.update_or_create(
        provider="instaleap",
        client_id=payload["client_id"],
        external_id=data["id"],
        defaults=_columns(
            Job,
            data
            | {f"recipient_{name}": value for name, value in recipient.items()}
            | {f"slot_{name}": value for name, value in slot.items()}
            | {"store_name": origin.get("name"), "store_reference": origin.get("store_reference")}
            | {"search_name": (recipient.get("name") or "").lower(), "search_email": recipient.get("email")}
            | {"last_event_type": payload["type"], "last_event_at": payload["created_at"]}
            | {"position": payload["created_at"], "first_event_at": payload["created_at"], "snapshot": data},
        )
        | {"received_through": event.source}
        | {"missing_items": sum(item["status"] == "NOT_FOUND" for item in data["job_items"])},
    )
    return job


def _part(model, data, order, **parents):
    row, _ = model.objects.update_or_create(
        external_id=data["id"],
        occurrence=0,
        **{name: parent for name, parent in parents.items() if name != "resource"},
        defaults=_columns(model, data | {"order": order}) | parents,
    )
    return row


def _resource(client_id, data):
    if not data:
        return None
    place = data["position"] or {}
    columns = data | {"vehicle_label": (data["vehicle"] or {}).get("label"), "client_id": client_id}
    resource, _ = Resource.objects.update_or_create(
        provider="instaleap",
        client_id=client_id,
        external_id=data["id"],
        defaults=_columns(Resource, columns | {"latitude": place.get("latitude"), "longitude": place.get("longitude")}),
    )
    return resource


def _columns(model, data):
    """Return what `data` says of the columns that are named as its keys are."""
    columns: dict[str, Any] = {}  # by name, what the ORM takes
    for column in model._meta.concrete_fields:
        value = data.get(column.name)
        if isinstance(column, models.BooleanField):
            columns[column.name] = bool(value)
        elif isinstance(column, models.DateTimeField):
            columns[column.name] = parse_datetime(value) if value else None
        elif isinstance(column, models.CharField | models.TextField):
            columns[column.name] = value or ""
        elif column.name in data:
            columns[column.name] = value
    for name in ("id", "external_id", "occurrence", "provider", "client_id"):
        columns.pop(name, None)
    return columns
