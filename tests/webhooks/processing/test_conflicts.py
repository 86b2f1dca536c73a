"""Two bodies under one id: shown side by side, and decided by an integration admin."""

import pytest
from django.urls import reverse

from orders.models import Job, TimelineEntry
from tests import payloads, rows
from webhooks.models import Event
from webhooks.processing import conflicts


def came(post, process, *comments):
    """Send bodies under one id that differ in the job's comment; return their events."""
    for comment in comments:
        post(payloads.sample(job={"job_comment": comment}))
    process()
    return list(Event.objects.order_by("pk"))


def comment():
    return Job.objects.get().job_comment


@pytest.fixture
def decide(client, ivo):
    client.force_login(ivo)

    def decide(event, decision=None):
        url = reverse("admin:webhooks_event_conflict", args=[event.pk])
        answer = client.post(url, {"decision": decision}, follow=True) if decision else client.get(url)
        return answer.content.decode()

    return decide


def test_shows_both_bodies_and_what_applying_would_change(post, process, decide):
    _, second = came(post, process, "ring twice", "leave it at the gate")
    before = rows.everything()
    page = decide(second)
    assert page.count("ring twice") >= 2, "In its body, and as what the job says now."
    assert "leave it at the gate" in page
    assert "<ins>leave it at the gate</ins>" in page
    assert rows.everything() == before
    second.refresh_from_db()
    assert second.status == Event.Status.CONFLICT


def test_the_new_version_can_become_current_and_the_old_one_again(post, process, decide):
    first, second = came(post, process, "ring twice", "leave it at the gate")
    assert comment() == "ring twice"
    assert "This version is current now; the one before is dismissed." in decide(second, "apply")
    process()
    assert comment() == "leave it at the gate"
    assert TimelineEntry.objects.get().event == second
    first.refresh_from_db()
    assert (first.status, first.conflict_of) == (Event.Status.DISMISSED, second)

    decide(first, "apply")
    process()
    assert comment() == "ring twice"
    assert set(Event.objects.values_list("status", flat=True)) == {"processed", "dismissed"}


def test_a_third_body_is_in_conflict_with_the_current_one(post, process, decide):
    _, second, third = came(post, process, "one", "two", "three")
    decide(second, "apply")
    third.refresh_from_db()
    assert (third.status, third.conflict_of) == (Event.Status.CONFLICT, second)
    decide(third, "apply")
    process()
    assert comment() == "three"
    assert Event.objects.filter(conflict_of=None).get() == third


def test_a_version_can_be_dismissed(post, process, decide):
    _, second = came(post, process, "ring twice", "leave it at the gate")
    assert "This version is dismissed; nothing changes." in decide(second, "dismiss")
    process()
    assert comment() == "ring twice"
    second.refresh_from_db()
    assert second.status == Event.Status.DISMISSED
    post(payloads.sample(job={"job_comment": "leave it at the gate"}))
    second.refresh_from_db()
    assert (second.status, second.delivery_count) == (Event.Status.DISMISSED, 2)


def test_what_is_no_conflict_says_so(post, process, decide):
    first, _ = came(post, process, "one", "two")
    with pytest.raises(conflicts.NoConflictError):
        conflicts.apply_conflict(first)
    post(payloads.sample(id="another"))
    assert "It is not in conflict, or somebody has decided on it meanwhile." in decide(
        Event.objects.get(external_id="another"), "apply"
    )
