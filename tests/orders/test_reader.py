"""The job reader: every field of the page's sample, and errors that name the field."""

import pytest

from tests import payloads
from webhooks.payloads.jobs import JobEvent
from webhooks.payloads.schema import UnreadableError
from webhooks.providers import registry

PROVIDER = registry()["instaleap"]
# The page's lists, https://docs.instaleap.io "Job Tracking Statuses".
TYPES = """
CREATED CANCELLED RESCHEDULED REFUSED ALLOCATED RE_ALLOCATED EXTERNAL_DATA_UPDATED STORE_CHANGED JOB_COMMENT_UPDATED
ITEMS_UPDATED PACKAGES_CREATED PACKAGES_UPDATED INVOICE_UPDATED PRICES_UPDATED PAYMENT_UPDATED GOING_TO_ORIGIN_STARTED
ARRIVED_TO_ORIGIN PICKING_STARTED PICKING_FINISHED CHECKING_OUT_STARTED CHECKED_OUT TRANSFERRING_STARTED TRANSFERRED
GOING_TO_DESTINATION_STARTED ARRIVED_TO_DESTINATION DELIVERING_STARTED CLIENT_RECEIVED STORING_STARTED STORING_UPDATED
STORING_FINISHED ZONE_PICKING_STARTED ZONE_PICKING_FINISHED PARKING_STARTED PARKING_FINISHED TASK_RESET_FULL_SERVICE
TASK_RESET_PICK_UP TASK_RESET_PICKING_WITH_STORAGE TASK_RESET_PICKING_AND_STORAGE TASK_RESET_PICKING
TASK_RESET_DELIVERY TASK_RESET_STORAGE TASK_RESET_PICK_UP_FOR_DELIVERY TASK_RESET_DELIVERY_WITH_STORAGE
""".split()


def read(payload):
    return PROVIDER.read(payloads.dump(payload))


def unknown(value, path=""):
    """Yield the paths of fields that the types do not have."""
    for name in value.model_extra or {}:
        yield f"{path}{name}"
    for name in type(value).model_fields:
        for inner in part if isinstance(part := getattr(value, name), list) else [part]:
            if hasattr(inner, "model_extra"):
                yield from unknown(inner, f"{path}{name}.")


def test_every_field_of_the_sample_and_the_lives_has_a_name():
    for name in payloads.SIGNATURES:
        (event,) = PROVIDER.read(payloads.body(name))
        assert isinstance(event, JobEvent)
        assert list(unknown(event)) == []


def test_every_type_of_the_page_has_a_label_and_a_category():
    assert sorted(type for type, known in PROVIDER.event_types.items() if known.kind == "job") == sorted(TYPES)
    for type in TYPES:
        described = PROVIDER.describe(type)
        assert described.label not in ("", type)
        assert described.category in ("Job", "Picking", "Invoicing", "Step", "Task reset")


def test_a_reset_names_its_operational_models():
    assert PROVIDER.describe("TASK_RESET_STORAGE").note == "In the operational models Pick & Delivery with storage"
    assert PROVIDER.describe("TASK_RESET_PICK_UP").note == (
        "In the operational models Pick & Collect, Pick & Collect no transfer"
    )
    assert PROVIDER.describe("PICKING_STARTED").note == ""


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"job_items": [{"id": "1", "price": "free"}]}, "job.job_items[0].price: Input should be a valid decimal"),
        ({"job_items": [{"name": "Tea"}]}, "job.job_items[0].id: Field required"),
        ({"slot": {"from": "tomorrow"}}, "job.slot.from: is not a time in ISO 8601"),
        ({"recipient": "Ana"}, "job.recipient: Input should be an object"),
        ({"payment_value": 1e300}, "job.payment_value: is out of range"),
        ({"tasks": [{"id": "t", "steps": [{"id": "s", "actual_end": 5}]}]}, "job.tasks[0].steps[0].actual_end: is not"),
        ({"status": ["DONE"]}, "job.status: Input should be a valid string"),
        ({"id": ""}, "job.id: String should have at least 1 character"),
    ],
)
def test_a_wrong_type_names_the_field_by_its_path(change, error):
    with pytest.raises(UnreadableError) as raised:
        read(payloads.sample(job=change))
    assert str(raised.value).startswith(error)


def test_takes_numbers_for_text_and_text_for_numbers():
    (event,) = read(payloads.sample(job={"delivery_code": 9320, "payment_value": "12.50", "weight": ""}))
    assert (event.job.delivery_code, str(event.job.payment_value), event.job.weight) == ("9320", "12.50", None)


def test_the_order_of_keys_does_not_matter():
    payload = payloads.sample()
    (one,), (other,) = read(payload), read(dict(reversed(payload.items())))
    assert (one, one.sort_key()) == (other, other.sort_key())


def test_sort_keys_follow_a_life_except_at_equal_times():
    for life in payloads.LIVES:
        positions = [read(payloads.load(name))[0].sort_key().rpartition("|")[0] for name in payloads.life(life)]
        assert positions == sorted(positions)
