"""The admin's first page: for support staff what is late and who waits, for integration admins how each source does."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from chat.models import Conversation
from orders.models import Job
from tests import payloads
from tests.factories import UserFactory
from webhooks.models import Event, Source, Worker


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
        ("Integration admin", {"notices", "jobs-now", "waiting", "processing", "sources"}),
        ("nobody", set()),
    ],
)
def test_each_role_sees_its_own(dashboard, stored, role, seen):
    page = dashboard(role)
    assert {
        card for card in ("notices", "jobs-now", "waiting", "processing", "sources") if f'id="{card}"' in page
    } == seen
    assert ("You have no role yet" in page) == (role == "nobody")


@pytest.mark.clock
def test_jobs_that_are_late_come_first_the_longest(dashboard, stored):
    first, second, *_ = Job.objects.all()
    Job.objects.update(status="FINISHED", ended_at=timezone.now())
    for job, hours in ((first, 1), (second, 5)):
        Job.objects.filter(pk=job.pk).update(status="PROCESSING", slot_to=timezone.now() - timedelta(hours=hours))
    page = dashboard("Support")
    assert "<strong>2</strong> Late" in page
    assert f"<strong>{Job.objects.count() - 2}</strong> Finished today" in page
    assert page.index(f"<strong>{second}</strong>") < page.index(f"<strong>{first}</strong>")


def test_who_waits_the_longest_comes_first(dashboard, stored):
    Conversation.objects.update(unanswered=False)
    first, second, *_ = Conversation.objects.filter(contact__isnull=False)
    for conversation, hours in ((first, 1), (second, 5)):
        Conversation.objects.filter(pk=conversation.pk).update(
            unanswered=True, unanswered_since=timezone.now() - timedelta(hours=hours)
        )
    page = dashboard("Support")
    assert "<strong>2</strong> Unanswered conversations" in page
    assert page.index(second.get_admin_url()) < page.index(first.get_admin_url())


@pytest.mark.clock
def test_what_ended_long_ago_without_a_word_is_not_late_the_longest(dashboard, stored):
    Job.objects.update(status="FINISHED")
    old, new, *_ = Job.objects.all()
    for job, age in ((old, timedelta(days=40)), (new, timedelta(hours=1))):
        Job.objects.filter(pk=job.pk).update(status="CREATED", slot_to=timezone.now() - age)
    page = dashboard("Support")
    assert f"<strong>{new}</strong>" in page
    assert f"<strong>{old}</strong>" not in page
    assert "1 job has been late for more than a day" in page


def test_jobs_by_state(dashboard, stored, client):
    Job.objects.update(status="FINISHED")
    for job, status in zip(Job.objects.all(), ["PROCESSING", "CREATED", "PROCESSING", "ODD & NEW"], strict=False):
        Job.objects.filter(pk=job.pk).update(status=status)
    states = re.findall(r'href="([^"]+)"><span[^>]*>([^<]+)</span> <strong>(\d+)</strong>', dashboard("Support"))
    assert [(words, number) for _, words, number in states] == [
        ("Processing", "2"),
        ("Created", "1"),
        ("ODD &amp; NEW", "1"),
    ]
    for link, _, number in states:
        assert client.get(link.replace("&amp;", "&")).context["cl"].result_count == int(number)


def test_says_that_all_is_well(dashboard, stored):
    Job.objects.update(status="FINISHED")
    Conversation.objects.update(unanswered=False)
    Worker.objects.create(name="w")
    page = dashboard("Integration admin")
    assert all(
        text in page for text in ("Nothing needs attention", "No job is late.", "No customer is waiting for a reply.")
    )
    assert "desk-tile-alarm" not in page


def test_what_is_stuck_is_counted_and_named(dashboard, stored, client):
    Event.objects.filter(pk__in=Event.objects.values("pk")[:3]).update(status="dead")
    page = dashboard("Integration admin")
    assert "could not be processed: 3." in page
    assert "has no worker" in page
    link = re.search(r'href="([^"]*status=dead)"[^>]*>\s*<strong>3</strong>', page)[1]
    assert client.get(link.replace("&amp;", "&")).context["cl"].result_count == 3


@pytest.mark.clock
def test_an_hour_leads_to_what_came_in_it(dashboard, stored, client):
    page = dashboard("Integration admin")
    link, number = re.search(r'href="([^"]*id__gte[^"]*)">\s*(\d+)</a>', page).groups()
    assert int(number) == Event.objects.count() == client.get(link.replace("&amp;", "&")).context["cl"].result_count
    assert f"{number} accepted and 0 rejected, by hour" in page
    assert client.get("/admin/?hours=168").content.decode().count('<th scope="row">') == 168 + Source.objects.count()


@pytest.mark.clock
def test_the_last_hours_lead_to_what_came_in_them(dashboard, stored, client):
    Event.objects.filter(pk=Event.objects.first().pk).update(received_at=timezone.now() - timedelta(days=2))
    page = dashboard("Integration admin")
    found = re.findall(r'href="([^"]*received_from=[^"]*)">\s*(\d+)(?:\+? (?:accepted|rejected))?\s*</a>', page)
    assert len(found) == 2 + 2 * Source.objects.count()
    for link, number in found:
        assert client.get(link.replace("&amp;", "&")).context["cl"].result_count == int(number), link
    assert int(found[0][1]) == Event.objects.count() - 1


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
    for source in Source.objects.all():
        source.secrets.get().retire(timezone.now() + timedelta(hours=1))
    with django_assert_max_num_queries(25):
        client.get("/admin/?hours=168")
