"""Alerts for integration admins."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import payloads
from webhooks.models import Event, RefusalCount, Source, Worker
from webhooks.monitoring import alerts
from webhooks.monitoring.backlog import Backlog

pytestmark = pytest.mark.clock


@pytest.fixture
def found(source):
    return lambda: [f"{alert.text} {alert.remedy}" for alert in alerts.find_source_alerts(Source.objects.all())]


def test_nothing_where_nothing_is_wrong(found, post):
    post(payloads.sample())
    assert found() == []


def test_no_live_secret(found, source):
    source.secrets.get().revoke()
    assert found()[0].startswith("has no live secret: every request is rejected.")
    Source.objects.update(state=Source.State.DISABLED)
    assert found() == []


def test_an_old_secret_that_is_still_used_near_its_end(found, source, post):
    secret = source.secrets.get()
    secret.retire(timezone.now() + timedelta(hours=1))
    assert found() == [], "Nobody uses it."
    post(payloads.sample())
    assert found()[0].startswith(f"still gets requests with its old secret {secret.fingerprint}, last")
    secret.retire(timezone.now() + timedelta(hours=24))
    assert found() == [], "Its end is not near."


def come(post, ages):
    for number, age in enumerate(sorted(ages, reverse=True)):
        post(payloads.sample(id=str(number)))
        Event.objects.filter(external_id=str(number)).update(received_at=timezone.now() - age)


@pytest.mark.parametrize(
    ("last", "is_expected"), [(timedelta(hours=3), False), (timedelta(hours=5), False), (timedelta(hours=9), True)]
)
def test_silence_beyond_its_own_rhythm(found, post, last, is_expected):
    come(post, [last + timedelta(hours=4 * number) for number in range(25)])
    assert bool(found()) == is_expected
    if is_expected:
        assert found()[0].startswith("has been silent for 9 h; its longest recent pause was 4 h.")


def test_a_source_that_has_not_shown_a_night_yet_may_be_silent_for_one(found, post):
    come(post, [timedelta(hours=10, minutes=number) for number in range(25)])
    assert found() == []


def test_few_events_have_no_rhythm(found, post):
    come(post, [timedelta(days=9)])
    assert found() == []


def test_rising_refusals(found, source, client):
    for _ in range(9):
        client.post(source.get_webhook_path(), b"{}", content_type="application/json")
    assert found() == []
    client.post(source.get_webhook_path(), b"{}", content_type="application/json")
    assert found() == ["rejected 10 requests within the last two hours. See the reasons under Rejections."]
    before = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
    RefusalCount.objects.create(source=source, hour=before, code="no_proof", count=100)
    assert found() == [], "It is as it was all day."


def test_processing(found, post, process):
    def said():
        return [f"{alert.subject} {alert.text}" for alert in alerts.find_alerts(Backlog.now(), Source.objects.all())]

    assert said() == ["Processing has no worker: events are stored and wait."]
    Worker.objects.create(name="one")
    assert said() == []
    post(payloads.sample(job={"payment_value": "much"}))
    assert said() == []
    Event.objects.update(received_at=timezone.now() - timedelta(minutes=5))
    assert said() == ["Processing is behind: the oldest event has waited for 5 min."]
    process()
    Worker.objects.create(name="one")
    post(payloads.sample(job={"payment_value": "more"}))
    assert said() == ["Events that could not be processed: 1.", "Events that are in conflict: 1."]


def test_the_dashboard_shows_them_to_who_may_see_sources(source, client, ivo):
    source.secrets.get().revoke()
    client.force_login(ivo)
    assert "has no live secret" in client.get("/admin/").content.decode()
