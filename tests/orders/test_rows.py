"""The columns of the rows that events are folded into."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.forms import model_to_dict

from orders.models import Job, JobItem, Resource, StatusChange, Task, TimelineEntry
from tests import payloads
from tests.factories import SecretFactory
from webhooks.models import Event


def at(second):
    return datetime(2026, 3, 2, 10, 0, second, tzinfo=UTC)


def event(number, *, job_id="job-1", client_id="CLIENT", **job):
    return {
        "id": f"event-{number}",
        "type": f"TYPE_{number}",
        "client_id": client_id,
        "created_at": f"2026-03-02T10:00:{number:02d}Z",
        "job": {"id": job_id} | job,
    }


def position(number):
    return f"2026-03-02T10:00:{number:02d}.000000+00:00||event-{number}"


@pytest.fixture
def fold(post, process):
    def fold(*events):
        for payload in events:
            assert post(payload).status_code == 200
        process()

    return fold


def columns(row):
    return model_to_dict(row, fields=[field.name for field in row._meta.concrete_fields], exclude=["id", "pk"])


JOB = {
    "status": "FINISHED",
    "source": "WEB",
    "cancellation_source": "CLIENT",
    "client_reference": "R-1",
    "declared_value": 12.50,
    "payment_value": 13.50,
    "payment_method": "PREPAID",
    "operational_model": "FULL_SERVICE",
    "slot": {"from": "2026-03-02T08:00:00Z", "to": "2026-03-02T09:00:00-01:00"},
    "recipient": {"name": "Ana Núñez", "email": "Ana@Example.com", "phone_number": "+52 222 234 2342"},
    "origin": {"name": "Centro", "store_reference": "391"},
    "destination": {"name": "Home", "store_reference": "no store"},
    "payment_info": {"payment": {"payment_status": "PAID"}, "currency_code": "MXN"},
    "job_items": [
        {"id": "a", "status": "NOT_FOUND"},
        {"id": "b", "status": "FOUND"},
        {"id": "c", "status": "NOT_FOUND"},
    ],
    "delivery_code": "9320",
    "job_comment": "Ring twice",
    "created_at": "2026-03-02T07:00:00Z",
    "tasks": [{"id": "t", "steps": [{"id": "s", "actual_end": "2026-03-02T09:30:00Z"}]}],
}


def test_a_job(fold, source):
    fold(event(1, **JOB))
    row = columns(Job.objects.get())
    assert row.pop("snapshot")["recipient"] == JOB["recipient"]
    assert row == {
        "provider": "instaleap",
        "client_id": "CLIENT",
        "external_id": "job-1",
        "received_through": source.pk,
        "client_reference": "R-1",
        "status": "FINISHED",
        "operational_model": "FULL_SERVICE",
        "source": "WEB",
        "cancellation_source": "CLIENT",
        "job_comment": "Ring twice",
        "delivery_code": "9320",
        "payment_method": "PREPAID",
        "payment_status": "PAID",
        "payment_value": Decimal("13.50"),
        "declared_value": Decimal("12.50"),
        "currency_code": "MXN",
        "slot_from": datetime(2026, 3, 2, 8, tzinfo=UTC),
        "slot_to": datetime(2026, 3, 2, 10, tzinfo=UTC),
        "store_name": "Centro",
        "store_reference": "391",
        "recipient_name": "Ana Núñez",
        "recipient_email": "Ana@Example.com",
        "recipient_phone_number": "+52 222 234 2342",
        "created_at": datetime(2026, 3, 2, 7, tzinfo=UTC),
        "first_event_at": at(1),
        "last_event_at": at(1),
        "last_event_type": "TYPE_1",
        "ended_at": at(1),
        "finished_at": datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        "missing_items": 2,
        "position": "2026-03-02T10:00:01.000000+00:00|2026-03-02T09:30:00.000000+00:00|event-1",
        "search_name": "ana nunez",
        "search_email": "ana@example.com",
        "phone_digits_reversed": "243243222225",
        "e164": "+522222342342",
    }


def test_a_job_without_fields(fold):
    fold(event(1))
    row = columns(Job.objects.get())
    assert {name for name, value in row.items() if value is None} == {
        "payment_value",
        "declared_value",
        "slot_from",
        "slot_to",
        "created_at",
        "ended_at",
        "finished_at",
    }
    assert (row["store_name"], row["search_name"], row["e164"], row["missing_items"]) == ("", "", "", 0)


def test_a_later_event_through_another_source(fold, post, process):
    other = SecretFactory(value=payloads.SECRET).source
    fold(event(1, status="CREATED", job_comment="first"))
    post(event(3, status="FINISHED"), to=other)
    process()
    job = Job.objects.get()
    assert (job.first_event_at, job.last_event_at, job.last_event_type) == (at(1), at(3), "TYPE_3")
    assert (job.ended_at, job.finished_at, job.received_through) == (at(3), at(3), other)
    assert (job.position, job.job_comment) == (position(3), "first")
    fold(event(4, job_comment="second"))
    assert (Job.objects.get().ended_at, Job.objects.get().first_event_at) == (at(3), at(1))
    fold(event(2, status="ARRIVED"))
    assert list(StatusChange.objects.order_by("at").values_list("from_status", "to_status", "at")) == [
        ("", "CREATED", at(1)),
        ("CREATED", "ARRIVED", at(2)),
        ("ARRIVED", "FINISHED", at(3)),
    ]


def test_the_items_of_a_job(fold):
    tea = {"id": "tea", "name": "Tea", "quantity": 1.50, "unit": "KG", "is_substitute": True, "added_by": "CLIENT"}
    fold(event(1, job_items=[tea, {"id": "milk"}, {"id": "tea"}]), event(2, job_items=[{"id": "milk"}, {"id": "tea"}]))
    rows = JobItem.objects.order_by("order").values_list(
        "external_id", "occurrence", "order", "removed", "name", "quantity", "unit", "is_substitute", "added_by"
    )
    assert list(rows) == [
        ("milk", 0, 0, False, "", None, "", False, ""),
        ("tea", 0, 1, False, "Tea", Decimal("1.50"), "KG", True, "CLIENT"),
        ("tea", 1, 2, True, "", None, "", False, ""),
    ]


def test_the_history_of_a_job(fold):
    long = "S" * 60
    task = {"id": "t", "type": "DELIVERY", "status": "TO_DO"}
    fold(
        event(1, status="CREATED", tasks=[task]),
        event(2, status=long, tasks=[task | {"status": "DONE"}], job_comment="late"),
    )
    first, second = TimelineEntry.objects.order_by("position")
    assert [entry.external_id for entry in (first, second)] == ["event-1", "event-2"]
    assert [entry.type for entry in (first, second)] == ["TYPE_1", "TYPE_2"]
    assert [entry.occurred_at for entry in (first, second)] == [at(1), at(2)]
    assert [entry.position for entry in (first, second)] == [position(1), position(2)]
    assert [entry.event for entry in (first, second)] == list(Event.objects.order_by("pk"))
    assert first.changes == []
    assert [(change["field"], change["after"]) for change in second.changes] == [
        ("status", long),
        ("job_comment", "late"),
        ("status", "DONE"),
    ]
    rows = StatusChange.objects.order_by("at", "kind").values_list(
        "kind", "external_id", "occurrence", "name", "from_status", "to_status", "at", "entry__external_id"
    )
    assert list(rows) == [
        ("job", "job-1", 0, "", "", "CREATED", at(1), "event-1"),
        ("job", "job-1", 0, "", "CREATED", "S" * 33 + "~f8b6aad85bfdd826", at(2), "event-2"),
        ("task", "t", 0, "DELIVERY", "TO_DO", "DONE", at(2), "event-2"),
    ]


RESOURCE = {
    "id": "r",
    "first_name": "Nico",
    "last_name": "Paz",
    "phone_number": "1",
    "email": "nico@example.com",
    "photo_url": "https://example.com/nico.jpg",
    "client_id": "ANOTHER",
    "last_update_position": "2026-03-02T10:00:00Z",
    "position": {"latitude": 1.5, "longitude": 2.5},
    "vehicle": {"label": "Van"},
}


def test_a_resource(fold):
    fold(event(1, tasks=[{"id": "t", "resource": RESOURCE}]))
    assert columns(Resource.objects.get()) == {
        "provider": "instaleap",
        "client_id": "CLIENT",
        "external_id": "r",
        "first_name": "Nico",
        "last_name": "Paz",
        "phone_number": "1",
        "email": "nico@example.com",
        "photo_url": "https://example.com/nico.jpg",
        "vehicle_label": "Van",
        "latitude": Decimal("1.5"),
        "longitude": Decimal("2.5"),
        "last_update_position": at(0),
        "position": "2026-03-02T10:00:01.000000+00:00|2026-03-02T10:00:00.000000+00:00|event-1",
    }
    assert Task.objects.get().resource == Resource.objects.get()


def test_a_resource_that_is_only_named(fold):
    fold(event(1, tasks=[{"id": "t", "resource_id": "r"}, {"id": "u"}]))
    assert (Resource.objects.get().external_id, Resource.objects.get().position) == ("r", "")
    assert list(Task.objects.order_by("order").values_list("resource__external_id", flat=True)) == ["r", None]


def test_a_resource_is_as_the_newest_event_of_a_batch_describes_it(fold):
    def tasks(*names):
        return [
            {"id": f"t{number}", "resource": {"id": f"r{number}", "first_name": name}}
            for number, name in enumerate(names)
        ]

    fold(
        event(2, tasks=tasks("new", "new")),
        event(1, tasks=tasks("old", "old"), job_id="job-2"),
        event(3, tasks=[{"id": "t1", "resource_id": "r1"}], job_id="job-3"),
        event(4, tasks=tasks("theirs"), client_id="OTHER"),
    )
    rows = Resource.objects.order_by("client_id", "external_id")
    assert list(rows.values_list("client_id", "external_id", "first_name", "position")) == [
        ("CLIENT", "r0", "new", position(2)),
        ("CLIENT", "r1", "new", position(2)),
        ("OTHER", "r0", "theirs", position(4)),
    ]
