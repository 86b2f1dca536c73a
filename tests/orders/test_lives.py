"""Whole lives of jobs, sent over HTTP with InstaLeap's signatures, give the expected rows."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import requests

from orders.models import Job, Resource, Step
from tests import payloads
from webhooks.models import Event

# From reading the payloads: items, of them gone, packages, tasks, steps, resources, events, status changes by kind.
EXPECTED = {
    "life-full-service": {
        "status": "FINISHED",
        "operational_model": "FULL_SERVICE",
        "items": {"FOUND": 5, "NOT_FOUND": 1},
        "missing_items": 1,
        "gone": 1,
        "packages": 1,
        "tasks": ["DONE"],
        "steps": {"DONE": 5},
        "resources": 2,
        "changes": {"job": 3, "item": 19, "task": 4, "step": 15},
        "payment_value": Decimal("1768.85"),
        "slot_from": datetime(2026, 3, 2, 19, 13, 22, 260000, tzinfo=UTC),
    },
    "life-pick-and-delivery-with-storage": {
        "status": "FINISHED",
        "operational_model": "PICK_AND_DELIVERY_WITH_STORAGE",
        "items": {"FOUND": 5, "REPLACED": 1},
        "missing_items": 0,
        "gone": 0,
        "packages": 1,
        "tasks": ["DONE", "DONE", "DONE", "DONE"],
        "steps": {"DONE": 8},
        "resources": 6,
        "changes": {"job": 3, "item": 6, "task": 8, "step": 16},
        "payment_value": Decimal("724.83"),
        "slot_from": datetime(2026, 3, 2, 17, 10, 32, 832000, tzinfo=UTC),
    },
    "life-cancelled": {
        "status": "CANCELLED",
        "operational_model": "PICK_AND_COLLECT_NO_TRANSFER",
        "items": {"FOUND": 3, "NOT_FOUND": 1, "REPLACED": 1},
        "missing_items": 1,
        "gone": 0,
        "packages": 1,
        "tasks": ["DOING", "PENDING"],
        "steps": {"DONE": 2, "DOING": 1, "PENDING": 1},
        "resources": 2,
        "changes": {"job": 3, "item": 13, "task": 3, "step": 7},
        "payment_value": Decimal("230.7"),
        "slot_from": datetime(2026, 3, 2, 15, 59, tzinfo=UTC),
    },
}


def counts(values):
    values = list(values)
    return {value: values.count(value) for value in set(values)}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("life", EXPECTED)
def test_a_life_over_http(live_server, source, process, life):
    names = payloads.life(life)
    for name in names:
        header, signature = payloads.SIGNATURES[name]
        answer = requests.post(
            live_server.url + "/webhooks/instaleap/", payloads.body(name), headers={header: signature}, timeout=10
        )
        assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
    assert process() == f"Events: {len(names)} processed"

    job = Job.objects.get()
    last = payloads.load(names[-1])
    assert {
        "status": job.status,
        "operational_model": job.operational_model,
        "items": counts(job.items.filter(removed=False).values_list("status", flat=True)),
        "missing_items": job.missing_items,
        "gone": job.items.filter(removed=True).count(),
        "packages": job.packages.count(),
        "tasks": list(job.tasks.values_list("status", flat=True)),
        "steps": counts(Step.objects.values_list("status", flat=True)),
        "resources": Resource.objects.count(),
        "changes": counts(job.status_changes.values_list("kind", flat=True)),
        "payment_value": job.payment_value,
        "slot_from": job.slot_from,
    } == EXPECTED[life]
    assert job.ended_at == job.status_changes.get(kind="job", to_status=job.status).at
    assert job.external_id == last["job"]["id"]
    assert job.client_reference == last["job"]["client_reference"]
    assert [entry.external_id for entry in job.timeline.all()] == [
        payloads.load(name)["id"] for name in sorted(names, key=sort_key)
    ]


def sort_key(name):
    from webhooks.payloads.jobs import JobEvent

    return JobEvent.model_validate(payloads.load(name)).sort_key()


def test_the_documented_sample(post, process):
    post(payloads.SAMPLE)
    process()

    job = Job.objects.get()
    assert (job.client_id, job.client_reference, job.status) == ("CLIENT_NAME", "0000AG382N", "PROCESSING")
    assert (job.recipient_name, job.recipient_phone_number) == ("Guillermo", "+52 2342342")
    assert (job.store_name, job.store_reference) == ("Super Xilotzingo", "391")
    assert (job.delivery_code, job.currency_code, job.payment_method) == ("9320", "MXN", "PREPAID")
    assert (job.declared_value, job.payment_value) == (Decimal("403.967"), Decimal("403.97"))
    assert job.slot_from == datetime(2023, 6, 2, 12, tzinfo=UTC)
    first, second, third = job.items.all()
    assert (first.name, first.status, first.quantity) == ("Chuleta de cerdo   por kilo", "PENDING", Decimal("0.6"))
    assert (first.unit, first.price, first.barcodes) == ("KG", Decimal(97), ["201007000004"])
    assert (second.external_id, third.replacement_mode) == ("00020100600000", "NO_REPLACE")
    task = job.tasks.get()
    assert (task.type, task.status, str(task.resource)) == ("FULL_SERVICE", "DOING", "Nico Pruebas")
    assert (task.resource.vehicle_label, task.resource.latitude) == ("Auto", Decimal("4.710989"))
    going = task.steps.first()
    assert (going.type, going.status, going.actual_end) == ("GOING_TO_ORIGIN", "DOING", None)
    assert going.actual_start == datetime(2023, 6, 2, 15, 42, 44, 389000, tzinfo=UTC)
    assert Event.objects.get().status == Event.Status.PROCESSED


def test_a_reset_undoes_progress(post, process):
    names = payloads.life("life-full-service")[:13]
    assert names[-1].endswith("TASK_RESET_FULL_SERVICE.json")
    for name in names:
        post(name)
    process()

    job = Job.objects.get()
    task = job.tasks.get()
    assert (task.status, task.resource) == ("PENDING", None)
    assert set(task.steps.values_list("status", "actual_start", "actual_end")) == {("PENDING", None, None)}
    assert set(job.items.filter(removed=False).values_list("status", flat=True)) == {"PENDING"}
    assert job.items.get(removed=True).is_substitute


def test_a_cancellation_has_its_source(post, process):
    for name in payloads.life("life-cancelled"):
        post(name)
    process()

    assert Job.objects.get().cancellation_source == "CUSTOMER"
