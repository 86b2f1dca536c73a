"""A temporary failure is tried again, later each time and not indefinitely; a permanent one is not."""

import itertools
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from orders.models import Job
from tests import payloads
from webhooks.models import Event
from webhooks.processing.processor import MAX_ATTEMPTS

BREAK = """
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'deadlock, says this test' USING ERRCODE = '{}'; END $$;
    CREATE TRIGGER fail BEFORE INSERT ON orders_job EXECUTE FUNCTION fail();
"""
PASSING = {"deadlock": "40P01", "serialization": "40001", "statement timeout": "57014", "disk full": "53100"}


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def event(post):
    post(payloads.sample())
    return Event.objects.get()


@pytest.mark.parametrize("code", PASSING.values(), ids=PASSING)
def test_a_passing_failure_is_tried_again(event, process, code):
    sql(BREAK.format(code))
    before = timezone.now()
    assert process() == "Events: 1 retrying"
    event.refresh_from_db()
    assert "deadlock, says this test" in event.error
    assert before + timedelta(seconds=1) < event.next_attempt_at < timezone.now() + timedelta(seconds=3), (
        "Two seconds, more or less by half."
    )
    Event.objects.update(next_attempt_at=timezone.now() + timedelta(hours=1))
    assert process() == "Events: none", "Not before its time."

    sql("DROP TRIGGER fail ON orders_job")
    Event.objects.update(next_attempt_at=timezone.now())
    assert process() == "Events: 1 processed"
    event.refresh_from_db()
    assert (event.error, event.attempts) == ("", 2)
    assert Job.objects.exists()


def test_it_waits_longer_each_time_and_is_given_up_at_last(event, process):
    sql(BREAK.format(PASSING["deadlock"]))
    waits = []  # of each attempt the shortest and the longest that the wait after it can have been
    for _ in range(MAX_ATTEMPTS - 1):
        before = timezone.now()
        assert process() == "Events: 1 retrying"
        event.refresh_from_db()
        waits.append((event.next_attempt_at - timezone.now(), event.next_attempt_at - before))
        Event.objects.update(next_attempt_at=timezone.now())
    assert all(later[1] > earlier[0] * 0.6 for earlier, later in itertools.pairwise(waits))
    assert waits[-1][1] > timedelta(minutes=4)
    assert process() == "Events: 1 dead"
    event.refresh_from_db()
    assert (event.status, event.attempts) == (Event.Status.DEAD, MAX_ATTEMPTS)


def test_what_can_never_work_is_given_up_at_once(event, process):
    sql(BREAK.format("22012"))  # division by zero: a bug of ours
    assert process() == "Events: 1 dead"
