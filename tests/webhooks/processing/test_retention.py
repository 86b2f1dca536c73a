"""What a source no longer wants to keep goes; what somebody may still need stays."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from orders.models import Job, TimelineEntry
from tests import payloads, rows
from webhooks.models import Event, PurgedSubject, Source

LIFE = payloads.life("life-full-service")
TOUCHED = {"event"}


def age(days, **which):
    Event.objects.filter(**which).update(received_at=timezone.now() - timedelta(days=days))


@pytest.fixture
def lived(post, process, source):
    """A whole job that came forty days ago, from a source that keeps bodies for 30 days and events for 60."""
    for name in LIFE:
        post(name)
    process()
    age(40)
    Source.objects.update(keep_bodies_days=30, keep_events_days=60)


def purge():
    return call_command("purge")


def test_bodies_go_first_and_rows_stay(lived):
    before = rows.everything()
    assert purge() == f"Bodies dropped: {len(LIFE)}. Events dropped: 0."
    assert set(Event.objects.values_list("body", flat=True)) == {b""}
    assert not Event.objects.filter(purged_at=None).exists()
    assert rows.everything() == before
    assert purge() == "Bodies dropped: 0. Events dropped: 0."


def test_then_the_events_go(lived):
    before = rows.everything()
    age(70)
    assert purge().endswith(f"Events dropped: {len(LIFE)}.")
    assert not Event.objects.exists()
    assert rows.everything() == before
    assert TimelineEntry.objects.exists()


def test_nothing_goes_where_nobody_says_so(lived):
    Source.objects.update(keep_bodies_days=None, keep_events_days=None)
    age(9000)
    assert purge() == "Bodies dropped: 0. Events dropped: 0."


@pytest.mark.parametrize("status", ["pending", "retrying", "dead", "conflict"])
def test_what_is_not_finished_keeps_all_of_its_subject(lived, status):
    Event.objects.filter(pk=Event.objects.latest("pk").pk).update(status=status)
    assert purge() == "Bodies dropped: 0. Events dropped: 0."


def test_a_job_that_still_gets_events_keeps_all_of_them(lived, post, process):
    age(1, pk=Event.objects.latest("pk").pk)
    assert purge() == "Bodies dropped: 0. Events dropped: 0."
    before = rows.everything()
    call_command("rebuild", "--all")
    assert rows.everything() == before


def test_a_late_event_of_a_purged_job_does_not_change_it_and_says_why(post, process, source):
    for name in LIFE[:3] + LIFE[4:]:
        post(name)
    process()
    age(40)
    Source.objects.update(keep_bodies_days=30)
    purge()
    before = rows.everything()
    post(LIFE[3])
    assert process() == "Events: 1 dead"
    dead = Event.objects.get(status="dead")
    assert dead.error.startswith("The event is older than the state of its job")
    assert rows.everything() == before


def test_a_new_event_of_a_purged_job_is_folded(post, process, source):
    for name in LIFE[:-1]:
        post(name)
    process()
    age(40)
    Source.objects.update(keep_bodies_days=30)
    purge()
    post(LIFE[-1])
    assert process() == "Events: 1 processed"
    shown = rows.everything()
    rows.forget()
    for name in LIFE:
        post(name)
    process()
    assert rows.everything() == shown


def test_replay_and_rebuild_leave_out_what_is_gone(lived):
    purge()
    before = rows.everything()
    assert call_command("replay_events", "--status=processed") == "Events that will be processed again: 0"
    assert "Unchanged, as some of their events were purged: 1." in call_command("rebuild", "--all")
    assert rows.everything() == before


def test_more_than_a_batch_goes_in_one_pass(source, post, process, monkeypatch):
    monkeypatch.setattr("webhooks.processing.retention.BATCH", 3)
    for number in range(10):
        payload = payloads.sample(id=str(number))
        payload["job"] |= {"id": f"job-{number}"}
        post(payload)
    process()
    age(40)
    age(1, external_id="4")
    Source.objects.update(keep_bodies_days=30)
    assert purge() == "Bodies dropped: 9. Events dropped: 0."
    assert PurgedSubject.objects.count() == 9
    assert Job.objects.count() == 10
