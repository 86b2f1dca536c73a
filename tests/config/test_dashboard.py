"""The admin's first page: for support staff what is late and who waits, for integration admins how each source does."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from chat.models import Conversation
from orders.models import Job
from tests import payloads
from tests.factories import UserFactory


@pytest.fixture
def stored(source_of, post, process):
    for provider in payloads.SIGNED:
        source = source_of(provider, name=provider)
        for name in payloads.SIGNED[provider]:
            post(name, to=source)
    process()


@pytest.fixture
def dashboard(client, db):
    def dashboard(role):
        user = UserFactory(username=role)
        user.groups.add(*Group.objects.filter(name=role))
        client.force_login(user)
        return client.get("/admin/").content.decode()

    return dashboard


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("Support", {"jobs-now", "waiting"}),
        ("Integration admin", {"notices", "jobs-now", "waiting", "sources"}),
        ("nobody", set()),
    ],
)
def test_each_role_sees_its_own(dashboard, stored, role, seen):
    page = dashboard(role)
    assert {card for card in ("notices", "jobs-now", "waiting", "sources") if f'id="{card}"' in page} == seen
    assert ("Nothing is open to you yet" in page) == (role == "nobody")


def test_jobs_that_are_late_come_first_the_longest(dashboard, stored):
    first, second, *_ = Job.objects.all()
    Job.objects.update(status="FINISHED", last_event_at=timezone.now())
    for job, hours in ((first, 1), (second, 5)):
        Job.objects.filter(pk=job.pk).update(status="PROCESSING", slot_to=timezone.now() - timedelta(hours=hours))
    page = dashboard("Support")
    assert "<strong>2</strong> Late against their slot" in page
    assert f"<strong>{Job.objects.count() - 2}</strong> Finished today" in page
    assert page.index(f"<strong>{second}</strong>") < page.index(f"<strong>{first}</strong>")


def test_who_waits_the_longest_comes_first(dashboard, stored):
    Conversation.objects.update(unanswered=False)
    first, second, *_ = Conversation.objects.filter(contact__isnull=False)
    for conversation, hours in ((first, 1), (second, 5)):
        Conversation.objects.filter(pk=conversation.pk).update(
            unanswered=True, active_at=timezone.now() - timedelta(hours=hours)
        )
    page = dashboard("Support")
    assert "<strong>2</strong> Unanswered conversations" in page
    assert page.index(second.get_admin_url()) < page.index(first.get_admin_url())


def test_each_number_leads_to_what_it_counts(dashboard, stored, client):
    page = dashboard("Integration admin")
    links = {link.partition('"')[0].replace("&amp;", "&") for link in page.split('href="')[1:] if "?" in link[:200]}
    ours = {link for link in links if link.startswith("/admin/")}
    assert len(ours) >= 8
    for link in ours:
        assert client.get(link).status_code == 200, link
        assert "e=1" not in client.get(link).get("Location", "")


def test_costs_a_bounded_number_of_queries(dashboard, stored, client, django_assert_max_num_queries):
    dashboard("Integration admin")
    with django_assert_max_num_queries(25):
        client.get("/admin/")
