"""The sentences for the customer: a whole one for each state of a job."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from orders.customer_answer import SENTENCES, find_problems, write_answer
from orders.situation import STEP_PROGRESS, Progress, Situation, build_situation
from tests import payloads
from webhooks.payloads import jobs

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def sentence_of(**changes):
    return write_answer(replace(Situation(status="PROCESSING", now=NOON), **changes)).sentence


def problems_of(**changes):
    return find_problems(replace(Situation(status="PROCESSING", now=NOON), **changes))


IN_TIME = {"slot_from": NOON, "slot_to": NOON + HOUR}
LATE = {"slot_from": NOON - 2 * HOUR, "slot_to": NOON - HOUR}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"status": "CANCELLED"}, "Your order was cancelled; I cannot see by whom or why."),
        (
            {"status": "CANCELLED", "cancelled_by": "CUSTOMER"},
            "Your order was cancelled at your request.",
        ),
        (
            {"status": "CANCELLED", "cancelled_by": "CONTROL_TOWER"},
            "I am sorry, we had to cancel your order; the reason is not given here.",
        ),
        (
            {"status": "CANCELLED", "cancelled_by": "STORE_MANAGER", **LATE},
            "Your order was cancelled by Store manager; the reason is not given here.",
        ),
        (
            {"status": "REFUSED"},
            "I am sorry, your order was refused; the reason is not given here.",
        ),
        ({"status": "FINISHED"}, "Your order was delivered."),
        ({"status": "FINISHED", "is_collected": True}, "Your order was collected."),
        ({"status": "FINISHED", "finished_at": NOON}, "Your order was delivered at 12:00."),
        (
            {"status": "FINISHED", "finished_at": NOON + HOUR / 2, **IN_TIME},
            "Your order was delivered at 12:30, on time.",
        ),
        (
            {"status": "FINISHED", "finished_at": NOON - HOUR, **IN_TIME, "is_collected": True},
            "Your order was collected at 11:00, before your time slot.",
        ),
        (
            {"status": "FINISHED", "finished_at": NOON, **LATE},
            "I am sorry that your order was late: it was delivered at 12:00, 1 h after your time slot.",
        ),
        (
            {"status": "FINISHED", "finished_at": NOON - 24 * HOUR},
            "Your order was delivered on 1 Mar at 12:00.",
        ),
        (
            {"status": "CREATED", "progress": Progress.WAITING, **IN_TIME},
            "We have your order; it is planned for 12:00–13:00, and nobody has started on it yet.",
        ),
        (
            {"progress": Progress.WAITING, **LATE},
            "I am sorry, your order is late: it was planned for 10:00–11:00, and nobody has started on it yet.",
        ),
        (
            {"progress": Progress.PICKING, "assignee": "Nico Pruebas"},
            "Nico Pruebas is picking your order in the store; I don't have a time yet.",
        ),
        (
            {"progress": Progress.ON_THE_WAY, **LATE},
            "I am sorry, your order is late: it was planned for 10:00–11:00, and is on its way to you with somebody"
            " from our team.",
        ),
        (
            {"progress": Progress.PICKING, **IN_TIME},
            "Somebody from our team is picking your order in the store; it is planned for 12:00–13:00.",
        ),
        (
            {"progress": Progress.READY_TO_COLLECT, "store": "Super Roma", **LATE},
            "Your order is ready at Super Roma and has not been collected yet; your time slot was 10:00–11:00.",
        ),
        ({}, "Your order is being worked on; I don't have a time yet and cannot see how far along it is."),
        (
            {"status": "ON_HOLD"},
            "I see your order with the status “On hold”; let me check.",
        ),
        ({"status": ""}, "I see your order, but not its status; let me check."),
    ],
)
def test_one_sentence_for_each_state(changes, sentence):
    assert sentence_of(**changes) == sentence


def test_each_progress_has_its_sentences():
    assert set(SENTENCES) == set(Progress)
    assert {progress for pair in STEP_PROGRESS.values() for progress in pair} <= set(SENTENCES)


@pytest.mark.parametrize("progress", SENTENCES)
@pytest.mark.parametrize("slot", [IN_TIME, LATE, {}], ids=["in time", "late", "no slot"])
def test_every_sentence_is_complete(progress, slot):
    sentence = sentence_of(progress=progress, **slot)
    assert "{" not in sentence
    assert sentence.endswith(".")
    # A customer who collects late hears no apology.
    is_our_delay = progress not in (Progress.READY_TO_COLLECT, Progress.COLLECTING)
    assert ("I am sorry" in sentence) == (slot == LATE and is_our_delay)


def test_missing_and_replaced_items_and_a_new_total_are_reported():
    situation = Situation(
        status="PROCESSING",
        now=NOON,
        progress=Progress.CHECKING_OUT,
        missing=["Milk", "Eggs", "Salt", "Rice", "Tea"],
        replaced=[("Beer", "Wine"), ("Soap", "")],
        price=(Decimal("10.5"), Decimal(12)),
        currency="MXN",
    )
    assert write_answer(situation).details == [
        "5 items were unavailable: Milk, Eggs, Salt and 2 more.",
        "Beer was replaced by Wine.",
        "Soap was replaced; I cannot see by what.",
        "The new total is 12 MXN (was 10.50 MXN).",
    ]
    assert write_answer(replace(situation, missing=["Milk"])).details[0] == "1 item was unavailable: Milk."
    assert write_answer(replace(situation, replaced=[("a", "b")] * 5)).details[4] == "2 more were replaced."
    assert write_answer(replace(situation, status="CANCELLED")).details == []


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        (IN_TIME, []),
        (LATE, ["1 h late"]),
        ({"status": "FINISHED", "finished_at": NOON, **LATE}, ["Delivered 1 h late"]),
        ({"status": "FINISHED", "finished_at": NOON - 2 * HOUR, **LATE}, []),
        ({"status": "CANCELLED", "cancelled_by": "CUSTOMER", **LATE}, ["Cancelled by the customer"]),
        ({"status": "CANCELLED"}, ["Cancelled (by whom: not given)"]),
        ({"status": "CANCELLED", "cancelled_by": "STORE"}, ["Cancelled by Store"]),
        ({"status": "REFUSED"}, ["Refused"]),
        ({"missing": ["Milk"]}, ["Not found: Milk"]),
        ({"missing": ["Milk", "Eggs"]}, ["2 not found: Milk, Eggs"]),
        ({"payment_status": "DECLINED"}, ["The payment is declined"]),
        ({"progress": Progress.WAITING, **IN_TIME}, ["Slot started, unassigned"]),
        (
            {"current_step": "PICKING", "current_step_due_at": NOON - HOUR / 3},
            ["Picking is 20 min over plan"],
        ),
        ({"last_event_at": NOON - 2 * HOUR}, ["No updates for 2 h"]),
        ({"status": "FINISHED", "last_event_at": NOON - 48 * HOUR}, []),
    ],
)
def test_problems(changes, problems):
    assert problems_of(**changes) == problems


def situation_of(job, now=NOON):
    return build_situation(jobs.Job.model_validate(job), now)


@pytest.mark.parametrize(
    ("life", "number", "progress"),
    [
        ("life-full-service", 1, Progress.WAITING),
        ("life-full-service", 3, Progress.ASSIGNED),
        ("life-full-service", 4, Progress.GOING_TO_STORE),
        ("life-full-service", 5, Progress.AT_STORE),
        ("life-full-service", 6, Progress.PICKING),
        ("life-full-service", 13, Progress.WAITING),  # it was reset
        ("life-full-service", 25, Progress.CHECKING_OUT),
        ("life-full-service", 31, Progress.ON_THE_WAY),
        ("life-full-service", 33, Progress.AT_THE_DOOR),
        ("life-pick-and-delivery-with-storage", 17, Progress.TRANSFERRING),
        ("life-pick-and-delivery-with-storage", 22, Progress.PACKED),
        ("life-cancelled", 23, Progress.PACKED),
    ],
)
def test_progress(life, number, progress):
    job = payloads.load(payloads.life(life)[number - 1])["job"]
    assert situation_of(job).progress is progress


def test_a_collected_order_is_ready_and_then_handed_over():
    job = payloads.load(payloads.life("life-cancelled")[22])["job"]
    picking, pick_up = job["tasks"]
    for part in (picking, *picking["steps"]):
        part["status"] = "DONE"
    assert situation_of(job).progress is Progress.READY_TO_COLLECT
    pick_up["status"] = pick_up["steps"][0]["status"] = "DOING"
    assert situation_of(job).progress is Progress.COLLECTING


@pytest.mark.parametrize("language", ["en", "es", "pt"])
@given(data=st.data())
def test_any_situation_has_a_sentence(language, data):
    text = st.text(max_size=20)
    when = st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
    strategies = {
        "status": text | st.sampled_from(["CREATED", "PROCESSING", "FINISHED", "CANCELLED", "REFUSED"]),
        "progress": st.sampled_from(Progress),
        "cancelled_by": text,
        "assignee": text,
        "store": text,
        "current_step": text,
        "slot_from": when,
        "slot_to": when,
        "finished_at": when,
        "last_event_at": when,
        "current_step_due_at": when,
        "missing": st.lists(text),
        "replaced": st.lists(st.tuples(text, text)),
        "is_collected": st.booleans(),
    }
    assert set(strategies) < {field.name for field in fields(Situation)}
    situation = Situation(now=NOON, **data.draw(st.fixed_dictionaries(strategies | {})))
    with translation.override(language):
        assert write_answer(situation).sentence
        assert all(find_problems(situation))
