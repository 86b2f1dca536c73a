"""The simulator tells jobs in the shape of InstaLeap's own."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests import payloads
from webhooks.payloads.jobs import JobEvent
from webhooks.providers import registry
from webhooks.providers.instaleap.simulator import OPERATIONAL_MODELS, simulate_job
from webhooks.providers.story import CUSTOMERS

START = datetime(2026, 3, 2, 15, 7, 31, 250000, tzinfo=UTC)
SEEDS = range(60)


def tell(seed=1, *, chat=False, **options):
    return simulate_job(seed=seed, start=START, chat=chat, **options)


def chat_of(life):
    return [event for event in life if "job" not in event]


def moment(text):
    return datetime.fromisoformat(text)


def lateness(life):
    """Return by how many minutes each step ended after its plan."""
    return [
        (moment(step["actual_end"]) - moment(step["optimal_end"])).total_seconds() / 60
        for task in life[-1]["job"]["tasks"]
        for step in task["steps"]
        if step["actual_end"]
    ]


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
    simulated = tell(operational_model="FULL_SERVICE", cancelled=False)[index]
    assert shape(simulated) == shape(sample)


def test_the_same_seed_tells_the_same_and_another_another():
    assert tell(3) == tell(3)
    assert tell(3)[0]["job"]["client_reference"] != tell(4)[0]["job"]["client_reference"]


def test_every_operational_model_can_be_chosen():
    assert registry()["instaleap"].story_choices["operational_model"] == tuple(OPERATIONAL_MODELS)


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

    positions = [JobEvent.model_validate(event).sort_key().rpartition("|")[0] for event in life]
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


def test_it_happens_nearly_as_planned_and_late_after_a_reset():
    plain = {"reset": False, "cancelled": False}
    off = [minutes for seed in SEEDS for minutes in lateness(tell(seed, **plain))]
    assert sum(abs(minutes) <= 10 for minutes in off) > 0.9 * len(off)
    assert min(off) < -2
    assert max(off) > 2
    assert min(lateness(tell(reset=True, cancelled=False))) > 3


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rescheduled_jobs_plan_moves_with_its_slot(seed):
    life = tell(seed, rescheduled=True)
    before, after = life[0]["job"], life[types(life).index("RESCHEDULED")]["job"]
    moved = moment(after["slot"]["from"]) - moment(before["slot"]["from"])
    assert moved
    for task, same in zip(before["tasks"], after["tasks"], strict=True):
        for step, other in zip(task["steps"], same["steps"], strict=True):
            for key in ("optimal_start", "optimal_end"):
                assert moment(other[key]) - moment(step[key]) == moved


def test_is_about_the_customer_who_is_given():
    for customer in CUSTOMERS:
        job = tell(customer=customer)[0]["job"]
        recipient = {"name": customer.name, "email": customer.email, "phone_number": customer.phone}
        assert job["recipient"] | recipient == job["recipient"]
        assert (job["destination"]["address"], job["origin"]["country"]) == (customer.street, customer.country)


@pytest.mark.parametrize("seed", SEEDS)
def test_chat_messages_are_among_the_events_of_the_job(seed):
    life = tell(seed, chat=True)
    messages = chat_of(life)

    assert [event for event in life if "job" in event] == tell(seed)  # chat does not change the rest
    assert 2 <= len(messages) <= 4
    assert {tuple(message) for message in messages} == {tuple(payloads.load("chat-documented-sample.json"))}
    assert {message["job_id"] for message in messages} == {life[0]["job"]["id"]}
    assert {message["client_id"] for message in messages} == {"DEMO_STORE"}
    assert {message["sender"] for message in messages} <= {"SH", "DR", "AG"}
    assert any(ord(character) > 0x2FFF for message in messages for character in message["notification_message"])
    times = [moment(event["created_at"]) for event in life]
    assert times == sorted(times)


def test_chat_is_about_what_happens():
    def said(seed, **options):
        life = tell(seed, chat=True, cancelled=False, **options)
        return " ".join(message["notification_message"] for message in chat_of(life)).lower(), life[-2:]

    for seed in SEEDS:
        text, end = said(seed, missing=True, replacements=True)
        job = next(event["job"] for event in end if "job" in event)
        for item in job["job_items"]:
            if item["status"] in ("NOT_FOUND", "REPLACED") or item["is_substitute"]:
                assert " ".join(item["name"].rpartition(": ")[2].lower().split()) in text
    senders = {message["sender"] for seed in SEEDS for message in chat_of(tell(seed, chat=True))}
    assert senders == {"SH", "DR", "AG"}


def test_some_lives_have_chat_and_some_none():
    assert {bool(chat_of(tell(seed, chat=None))) for seed in SEEDS} == {True, False}
