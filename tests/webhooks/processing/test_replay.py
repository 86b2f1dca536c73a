"""`manage.py replay_events`: what was kept is read again once something reads it, and nothing else changes."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from chat.models import Message
from orders.models import Job
from tests import payloads, rows
from webhooks.models import Event
from webhooks.providers import registry


def replay(*arguments):
    return call_command("replay_events", *arguments)


def test_an_unknown_type_is_kept_and_read_once_something_reads_it(source_of, post, process, monkeypatch):
    docssmith = registry()["docssmith"]
    event_types = dict(docssmith.event_types)
    monkeypatch.setattr(docssmith, "event_types", {t: k for t, k in event_types.items() if t != "message.created"})
    source = source_of("docssmith")
    assert post("message-created.json", to=source).status_code == 200
    assert process() == "Events: none"
    assert Event.objects.get().status == Event.Status.IGNORED

    monkeypatch.setattr(docssmith, "event_types", event_types)
    assert replay("--status=ignored") == "Events that will be processed again: 1"
    assert process() == "Events: 1 processed"
    assert Message.objects.get().sender == "KevinMcCallister"


def test_replaying_everything_changes_nothing(source_of, post, process):
    count = 0
    for provider in payloads.SIGNED:
        source = source_of(provider)
        for name in payloads.SIGNED[provider]:
            post(name, to=source)
            count += 1
    process()
    expected = rows.everything()

    assert replay("--since=2026-01-01T00:00") == f"Events that will be processed again: {count - 1}"  # one is not JSON
    process()

    assert rows.everything() == expected


def test_conflicts_stay_conflicts(post, process):
    post(payloads.sample())
    forged = post(payloads.sample(job={"status": "CANCELLED"})).json()["event"]
    assert replay(str(forged)) == "Events that will be processed again: 0"


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (["--source=instaleap"], 1),
        (["--source=another"], 0),
        (["--type=ALLOCATED"], 1),
        (["--type=CREATED"], 0),
        (["--since=2099-01-01"], 0),
        (["--status=dead"], 0),
        (["--status=pending", "--type=ALLOCATED"], 1),
    ],
)
def test_options_narrow_down(post, arguments, count):
    post(payloads.sample())
    assert replay(*arguments) == f"Events that will be processed again: {count}"


def test_says_what_it_needs(db):
    with pytest.raises(CommandError, match=r"^Name"):
        replay()
    with pytest.raises(CommandError, match="--since takes a time"):
        replay("--since=yesterday")


def test_says_what_would_change_and_chooses_by_error_and_time(source, post, process, capsys):
    post(payloads.sample(job={"payment_value": "much"}))
    post(payloads.sample(id="2", job={"id": "other"}))
    process()
    assert replay("--error=valid decimal", "--dry-run") == (
        f"Of 1 events, processed again:\n  {Event.objects.get(status='dead').pk} would fail:"
        " job.payment_value: Input should be a valid decimal\n  no row would change"
    )
    assert Event.objects.filter(status="dead").exists()
    Job.objects.update(recipient_name="wrong")
    said = replay("--status=processed", "--until=2100-01-01T00:00", "--dry-run")
    assert re.search(r"Job .*, customer: wrong -> \w", said)
    assert replay("--until=2020-01-01T00:00Z") == "Events that will be processed again: 0"
    assert replay("--error=valid decimal") == "Events that will be processed again: 1"


@pytest.mark.clock
def test_a_time_with_an_offset_is_taken_as_it_is_written(post, process):
    post(payloads.SAMPLE)
    process()
    with timezone.override("America/Bogota"):
        since = timezone.localtime(Event.objects.get().received_at).isoformat()
        assert since.endswith("-05:00")
        assert replay(f"--since={since}") == "Events that will be processed again: 1"


@pytest.fixture
def admin(client, ivo):
    client.force_login(ivo)
    return client


def test_the_admin_says_what_would_change_and_then_does_it(admin, source_of, post, process, monkeypatch):
    docssmith = registry()["docssmith"]
    event_types = dict(docssmith.event_types)
    monkeypatch.setattr(docssmith, "event_types", {t: k for t, k in event_types.items() if t != "message.created"})
    post("message-created.json", to=source_of("docssmith"))
    monkeypatch.setattr(docssmith, "event_types", event_types)
    event = Event.objects.get()
    Event.objects.update(subject=docssmith.subject_of(payloads.load("message-created.json", "docssmith")))
    chosen = {"action": "replay", "_selected_action": event.pk}

    page = admin.post("/admin/webhooks/event/", chosen).content.decode()
    assert "Process 1 event again" in page
    assert "<ins>KevinMcCallister</ins>" in page
    assert not Message.objects.exists()
    event.refresh_from_db()
    assert event.status == Event.Status.IGNORED

    page = admin.post("/admin/webhooks/event/", chosen | {"confirmed": "yes"}, follow=True).content.decode()
    assert "1 event will be processed again." in page
    process()
    assert Message.objects.get().sender == "KevinMcCallister"


def test_one_event_is_replayed_from_its_page_and_says_that_nothing_would_change(admin, source, post, process):
    post(payloads.sample())
    process()
    event = Event.objects.get()
    assert "Process again…" in admin.get(f"/admin/webhooks/event/{event.pk}/change/").content.decode()
    assert "No row would change." in admin.get(f"/admin/webhooks/event/{event.pk}/replay/").content.decode()
    admin.post(f"/admin/webhooks/event/{event.pk}/replay/")
    event.refresh_from_db()
    assert event.status == Event.Status.PENDING


def test_a_dead_event_says_in_the_preview_why_it_would_die_again(admin, source, post, process):
    post(payloads.sample(job={"payment_value": "much"}))
    process()
    page = admin.get(f"/admin/webhooks/event/{Event.objects.get().pk}/replay/").content.decode()
    assert "1 would fail" in page
    assert "job.payment_value: Input should be a valid decimal" in page
