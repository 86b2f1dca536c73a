"""What an integration admin is told before it costs something."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import payloads
from webhooks.models import Event, RefusalCount, Source, Worker
from webhooks.monitoring import alerts
from webhooks.monitoring.backlog import Backlog

pytestmark = pytest.mark.clock


@pytest.fixture
def told(source):
    return lambda: [f"{notice.text} {notice.what_to_do}" for notice in alerts.of_sources(Source.objects.all())]


def test_nothing_where_nothing_is_wrong(told, post):
    post(payloads.sample())
    assert told() == []


def test_no_live_secret(told, source):
    source.secrets.get().revoke()
    assert told()[0].startswith("has no live secret: every request is refused.")
    Source.objects.update(state=Source.State.DISABLED)
    assert told() == []


def test_an_old_secret_that_is_still_used_near_its_end(told, source, post):
    secret = source.secrets.get()
    secret.retire(timezone.now() + timedelta(hours=1))
    assert told() == [], "Nobody uses it."
    post(payloads.sample())
    assert told()[0].startswith(f"still gets requests with its old secret {secret.fingerprint}, last")
    secret.retire(timezone.now() + timedelta(hours=24))
    assert told() == [], "Its end is not near."


def come(post, ages):
    for number, age in enumerate(sorted(ages, reverse=True)):
        post(payloads.sample(id=str(number)))
        Event.objects.filter(external_id=str(number)).update(received_at=timezone.now() - age)


@pytest.mark.parametrize(
    ("last", "is_told"), [(timedelta(hours=3), False), (timedelta(hours=5), False), (timedelta(hours=9), True)]
)
def test_silence_beyond_its_own_rhythm(told, post, last, is_told):
    come(post, [last + timedelta(hours=4 * number) for number in range(25)])
    assert bool(told()) == is_told
    if is_told:
        assert told()[0].startswith("has been silent for 9 h; its longest pause lately was 4 h.")


def test_a_source_that_has_not_shown_a_night_yet_may_be_silent_for_one(told, post):
    come(post, [timedelta(hours=10, minutes=number) for number in range(25)])
    assert told() == []


def test_few_events_have_no_rhythm(told, post):
    come(post, [timedelta(days=9)])
    assert told() == []


def test_rising_refusals(told, source, client):
    for _ in range(9):
        client.post(source.get_webhook_path(), b"{}", content_type="application/json")
    assert told() == []
    client.post(source.get_webhook_path(), b"{}", content_type="application/json")
    assert told() == ["refused 10 requests within the last two hours. See why under Rejections."]
    before = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
    RefusalCount.objects.create(source=source, hour=before, code="no_proof", count=100)
    assert told() == [], "It is as it was all day."


def test_processing(told, post, process):
    def said():
        return [f"{notice.about} {notice.text}" for notice in alerts.of_all(Backlog.now(), Source.objects.all())]

    assert said() == ["Processing has no worker: events are kept, and wait."]
    Worker.objects.create(name="one")
    assert said() == []
    post(payloads.sample(job={"payment_value": "much"}))
    assert said() == []
    Event.objects.update(received_at=timezone.now() - timedelta(minutes=5))
    assert said() == ["Processing is behind: the oldest event has waited for 5 min."]
    process()
    Worker.objects.create(name="one")
    post(payloads.sample(job={"payment_value": "more"}))
    assert said() == ["Events that could not be read or folded: 1.", "Events that are in conflict: 1."]


def test_the_dashboard_shows_them_to_who_may_see_sources(source, client, ivo):
    source.secrets.get().revoke()
    client.force_login(ivo)
    assert "has no live secret" in client.get("/admin/").content.decode()
