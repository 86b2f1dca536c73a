"""The simulator tells jobs in the shape of InstaLeap's own."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orders.values import JobEvent
from tests import payloads
from webhooks.providers import registry
from webhooks.providers.instaleap.simulator import OPERATIONAL_MODELS, simulate_job

START = datetime(2026, 3, 2, 15, 7, 31, 250000, tzinfo=UTC)
SEEDS = range(60)


def tell(seed=1, **options):
    return simulate_job(seed=seed, start=START, **options)


def types(life):
    return [event["type"] for event in life]


def shape(value):
    """Return the keys at every level, in their order; of a list, of each of its members."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items() if key not in ("identification", "external_data")}
    if isinstance(value, list):
        return [shape(inner) for inner in value if isinstance(inner, dict)][:1]
    return None


@pytest.mark.parametrize("index", [0, -1])
def test_has_the_keys_of_the_sample_life_at_every_level(index):
    sample = payloads.load(payloads.life("life-full-service")[index])
    told = tell(operational_model="FULL_SERVICE", cancelled=False)[index]
    assert shape(told) == shape(sample)


def test_the_same_seed_tells_the_same_and_another_another():
    assert tell(3) == tell(3)
    assert tell(3)[0]["job"]["client_reference"] != tell(4)[0]["job"]["client_reference"]


@pytest.mark.parametrize("model", OPERATIONAL_MODELS)
def test_every_model_ends_well(model):
    last = tell(operational_model=model, cancelled=False)[-1]
    assert (last["type"], last["job"]["status"]) == ("CLIENT_RECEIVED", "FINISHED")
    assert {task["status"] for task in last["job"]["tasks"]} == {"DONE"}
    assert {step["status"] for task in last["job"]["tasks"] for step in task["steps"]} == {"DONE"}


def test_each_option_does_what_it_says():
    plain = dict.fromkeys(["replacements", "missing", "reset", "cancelled", "rescheduled"], False)

    def last_statuses(life):
        return {item["status"] for item in life[-1]["job"]["job_items"]}

    assert last_statuses(tell(**plain)) == {"FOUND"}
    assert "REPLACED" in last_statuses(tell(**plain | {"replacements": True}))
    assert "NOT_FOUND" in last_statuses(tell(**plain | {"missing": True}))
    assert "TASK_RESET_FULL_SERVICE" in types(tell(**plain | {"reset": True, "operational_model": "FULL_SERVICE"}))
    assert "RESCHEDULED" in types(tell(**plain | {"rescheduled": True}))
    cancelled = tell(**plain | {"cancelled": True})[-1]
    assert (cancelled["type"], cancelled["job"]["status"]) == ("CANCELLED", "CANCELLED")
    assert cancelled["job"]["cancellation_source"] in ("CUSTOMER", "CONTROL_TOWER")
    assert len(tell(items=7)[0]["job"]["job_items"]) == 7


def test_refuses_a_model_that_is_none():
    with pytest.raises(ValueError, match="There is no operational model DRONE; there are FULL_SERVICE"):
        tell(operational_model="DRONE")


@pytest.mark.parametrize("seed", SEEDS)
def test_holds_for_any_seed(seed):
    life = tell(seed)

    positions = [JobEvent.model_validate(event).position().rpartition("|")[0] for event in life]
    assert positions == sorted(set(positions))  # the order needs no id to decide it
    assert len({event["id"] for event in life}) == len(life)
    assert set(types(life)) <= set(registry()["instaleap"].event_types)
    job = life[-1]["job"]
    if "CHECKED_OUT" in types(life):
        paid = sum(Decimal(str(i["price"])) * Decimal(str(i["found_quantity"])) for i in job["job_items"])
        assert abs(Decimal(str(job["payment_value"])) - paid) <= Decimal("0.5")
        assert job["payment_info"]["payment"]["payment_status"] == "APPROVED"
    assert job["payment_info"]["currency_code"] in ("MXN", "COP", "CLP", "BRL")


def test_a_reset_takes_progress_back():
    life = tell(reset=True, cancelled=False, operational_model="FULL_SERVICE")
    reset = next(event["job"] for event in life if event["type"].startswith("TASK_RESET"))
    assert {step["actual_start"] for task in reset["tasks"] for step in task["steps"]} == {""}
    assert {item["status"] for item in reset["job_items"]} == {"PENDING"}
    assert [task["resource"] for task in reset["tasks"]] == [None]
