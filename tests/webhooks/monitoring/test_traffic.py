"""What came by the hour, and how long it took: the same numbers whether a worker counted it or a page looks."""

import statistics
from collections import defaultdict
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests import payloads
from webhooks.models import Event, HourOfTraffic
from webhooks.monitoring import traffic
from webhooks.payloads.compression import compressed
from webhooks.processing.worker import PeriodicTasks

pytestmark = pytest.mark.clock

HOUR = timedelta(hours=1)
COME = """
    INSERT INTO webhooks_event (source_id, type, subject, external_id, dedup_key, body_hash, body, headers, status,
        auth_mode, signed_content, received_at, processed_at)
    SELECT source_id, 'CREATED', '', number, sha256(number::text::bytea), sha256(number::text::bytea), %s, '{}',
        'processed', 'signature', '', at, at + number %% 17 * interval '0.1 second'
    FROM unnest(%s::bigint[], %s::timestamptz[]) WITH ORDINALITY AS came(source_id, at, number)
"""


@pytest.fixture
def come(source_of):
    """Return two sources, through which 300 events came within ten hours, with a pause of three."""
    sources = [source_of("instaleap"), source_of("tawk")]
    ages = [timedelta(minutes=2 * number + (180 if number > 100 else 0)) for number in reversed(range(210))]
    came = [(sources[number % 3 == 0].pk, timezone.now() - age) for number, age in enumerate(ages)]
    with connection.cursor() as cursor:
        cursor.execute(COME, [compressed(b"{}"), *(list(column) for column in zip(*came, strict=True))])
    return sources


def count_all():
    count = traffic.TrafficPass()
    while count.step():
        pass


def seen(sources):
    return {
        key: [(hour.start, hour.accepted, hour.median_delay, hour.p95_delay) for hour in hours]
        for key, hours in traffic.by_hour(24, [source.pk for source in sources]).items()
    }


def counted_by_hand(sources):
    delays = defaultdict(list)
    for source_id, received_at, processed_at in Event.objects.values_list("source", "received_at", "processed_at"):
        hour = received_at.replace(minute=0, second=0, microsecond=0)
        for key in (None, source_id):
            delays[key, hour].append((processed_at - received_at).total_seconds())
    present = timezone.now().replace(minute=0, second=0, microsecond=0)
    hours = [present - number * HOUR for number in reversed(range(24))]
    return {
        key: [
            (hour, len(of_it), statistics.median_low(of_it), sorted(of_it)[-(-95 * len(of_it) // 100) - 1])
            if (of_it := delays[key, hour])
            else (hour, 0, None, None)
            for hour in hours
        ]
        for key in (None, *(source.pk for source in sources))
    }


def test_an_hour_has_the_same_numbers_before_and_after_it_was_counted(come):
    by_hand = counted_by_hand(come)
    assert seen(come) == by_hand
    count_all()
    together = HourOfTraffic.objects.filter(source=None)
    assert together.count() >= 9, "Hours without an event are counted too."
    assert seen(come) == by_hand
    Event.objects.filter(received_at__lt=together.latest("hour").hour + HOUR).delete()
    assert seen(come) == by_hand, "What was counted is kept, whatever becomes of the events."


def test_counting_again_changes_nothing(come):
    count_all()
    before = list(HourOfTraffic.objects.order_by("hour", "source").values_list("hour", "source", "accepted"))
    count_all()
    HourOfTraffic.objects.filter(hour=before[-1][0]).delete()
    count_all()
    assert before == list(HourOfTraffic.objects.order_by("hour", "source").values_list("hour", "source", "accepted"))


def test_what_waits_has_taken_as_long_as_it_waits_and_is_counted_again(come):
    some = Event.objects.filter(received_at__lt=timezone.now() - 3 * HOUR).first()
    hour = some.received_at.replace(minute=0, second=0, microsecond=0)
    late = Event.objects.filter(source=some.source, received_at__gte=hour, received_at__lt=hour + HOUR)
    late.update(status="pending", processed_at=None)
    row = HourOfTraffic.objects.filter(source=some.source, hour=hour)
    count_all()
    assert row.get().waiting == row.get().accepted == late.count()
    assert row.get().p95_delay > 2 * HOUR.total_seconds()
    late.update(status="processed", processed_at=timezone.now())
    HourOfTraffic.objects.filter(hour=HourOfTraffic.objects.latest("hour").hour).delete()  # as if another were over
    count_all()
    assert row.get().waiting == 0


def test_a_web_server_whose_clock_is_ahead_gives_no_delay(come, client, ivo):
    hour = Event.objects.latest("received_at").received_at.replace(minute=0, second=0, microsecond=0)
    Event.objects.exclude(received_at__gte=hour).delete()
    Event.objects.update(received_at=hour, processed_at=hour - timedelta(seconds=1))
    client.force_login(ivo)
    assert client.get("/admin/").status_code == 200
    (present,) = (found for found in traffic.by_hour(24)[None] if found.accepted)
    assert (present.median_delay, present.p95_delay) == (0, 0)


def test_what_a_paused_source_keeps_is_not_late(come):
    Event.objects.update(status="pending", processed_at=None)
    for source in come:
        source.state = source.State.PAUSED
        source.save()
    count_all()
    assert set(HourOfTraffic.objects.values_list("waiting", "p95_delay")) == {(0, None)}


def test_a_page_looks_at_the_latest_only_and_says_so(come, monkeypatch):
    monkeypatch.setattr(traffic, "MAX_EVENTS", 50)
    hours = traffic.by_hour(24)[None]
    assert sum(hour.accepted for hour in hours) == 50
    assert not all(hour.is_counted for hour in hours)
    assert hours[-1].is_counted or hours[-1].accepted == 50
    count_all()
    hours = traffic.by_hour(24)[None]
    assert sum(hour.accepted for hour in hours) == Event.objects.count()
    assert all(hour.is_counted for hour in hours)


def test_nothing_came_yet(db):
    count_all()
    assert not HourOfTraffic.objects.exists()
    assert {(hour.accepted, hour.refused, hour.p95_delay) for hour in traffic.by_hour(168)[None]} == {(0, 0, None)}


def test_refusals_count_where_they_belong(source, post):
    post(payloads.sample(), secret="another")
    hours = traffic.by_hour(24, [source.pk])
    assert [hours[key][-1].refused for key in (None, source.pk)] == [1, 1]


def test_a_worker_counts_when_it_has_nothing_else_to_do(come):
    tasks = PeriodicTasks()
    for _ in range(20):
        tasks.step(is_idle=True)
    assert HourOfTraffic.objects.filter(source=None).count() >= 9
