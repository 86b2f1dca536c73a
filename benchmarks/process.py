"""Processed events a second of one worker, against update_or_create for each thing in a job, and of two workers.

The backlog is whole jobs of one day in the order of their events, so that a batch holds a few of each of many jobs.
"""

import statistics
import time

from django.db import connection, transaction

from benchmarks import stories
from benchmarks.baselines import children
from benchmarks.processes import drained, workers
from webhooks.models import Event

ROUNDS = 5
JOBS = 100
NAIVE_JOBS = 4  # of the same kind; it takes long enough


def run():
    source = stories.source("processed")
    backlog, short = events_of(source, stories.lives(JOBS)), events_of(source, stories.lives(NAIVE_JOBS))
    rates: dict[str, list[float]] = {"update_or_create": [], "one worker": [], "two workers": []}
    for _ in range(ROUNDS):
        _empty()
        put(short)
        start = time.perf_counter()
        for event in Event.objects.filter(status__in=Event.WAITING).order_by("id"):
            children.process(event)
        rates["update_or_create"].append(len(short) / (time.perf_counter() - start))
        for count, name in ((1, "one worker"), (2, "two workers")):
            rates[name].append(_rate(count, backlog))
    print(f"{len(backlog)} events of {JOBS} jobs, {len(short)} for update_or_create; medians of {ROUNDS} rounds")
    for name, values in rates.items():
        print(f"  {name:<16} {statistics.median(values):6.0f} events a second")
    for name, other, goal in (("one worker", "update_or_create", 60), ("two workers", "one worker", 1.6)):
        ratio = statistics.median(mine / theirs for mine, theirs in zip(rates[name], rates[other], strict=True))
        print(f"  {name}: {ratio:.1f} times {other} (goal: {goal})")


def events_of(source, events: list[dict]) -> list[Event]:
    provider = source.get_provider()
    rows = []
    for payload, (body, _) in zip(events, stories.signed(events), strict=False):
        envelope = provider.envelope(body, payload)
        columns = {name: getattr(envelope, name) for name in ("type", "subject", "dedup_key", "body_hash")}
        rows.append(Event(source=source, body=body, occurred_at=envelope.occurred_at, **columns))
    return rows


def _empty():
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE webhooks_event, orders_job, orders_resource RESTART IDENTITY CASCADE")


@transaction.atomic
def put(events):
    """Commit them all at once."""
    for event in events:
        event.pk = None
    Event.objects.bulk_create(events, batch_size=500)


def _rate(count, events) -> float:
    _empty()
    with workers(count):
        put(events)
        start = time.perf_counter()
        drained()
        seconds = time.perf_counter() - start
    processed = Event.objects.filter(status=Event.Status.PROCESSED).count()
    if processed != len(events):
        raise SystemExit(f"Only {processed} of {len(events)} events were processed")
    return len(events) / seconds
