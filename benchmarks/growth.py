"""What acknowledging and processing cost with large tables, against what they cost with small ones.

EVENTS says how many events the large ones hold (default a million; `make bench-large`: ten), a tenth as many jobs.
Bodies and snapshots of what fills them are empty: it is the indexes that grow.
"""

import os
import statistics
import time
from itertools import islice

from django.db import connection

from benchmarks import process, stories
from benchmarks.load import Sender
from benchmarks.processes import drained, web_server, workers
from orders.models import Job
from webhooks.models import Event
from webhooks.payloads.compression import compressed

SMALL = 10_000
LARGE = int(os.environ.get("EVENTS", 1_000_000))
EVENTS_A_JOB = 10
ROUNDS, SECONDS, CLIENTS, JOBS = 5, 2, 16, 40

_EVENTS = """
    INSERT INTO webhooks_event (source_id, type, subject, external_id, dedup_key, body_hash, body, headers, status,
        auth_mode, signed_content, secret_id, received_at, processed_at)
    SELECT %s, 'CREATED', 'grown-' || number / %s, number, sha256(number::text::bytea), sha256(number::text::bytea),
        %s, '{}', 'processed', 'signature', '', %s, now() - number * interval '1 second', now()
    FROM generate_series(%s::bigint, %s) AS number
"""
_JOBS = """
    INSERT INTO orders_job ({columns})
    SELECT {values} FROM (SELECT * FROM orders_job LIMIT 1) AS job, generate_series(%s::bigint, %s) AS number
"""
_OF_ITS_OWN = {
    "external_id": "'grown-' || number",
    "client_reference": "'G' || number",
    "phone_digits_reversed": "reverse((5550000000 + number)::text)",
    "snapshot": "'{}'::jsonb",
    "status": "'FINISHED'",
    "last_event_at": "now() - number * interval '10 seconds'",
}


def run():
    source = stories.source("grown")
    batches = (stories.lives(JOBS, first=number * JOBS) for number in range(10**6))
    process.put(process.events_of(source, next(batches)))
    with workers(1):
        drained()
    _fill(source, 0, SMALL)
    small = _measure(source, batches)
    start = time.perf_counter()
    _fill(source, SMALL, LARGE)
    print(f"{LARGE:,} events and {LARGE // EVENTS_A_JOB:,} jobs, filled in {time.perf_counter() - start:.0f} s")
    large = _measure(source, batches)
    for what, goal in (
        ("a view that does nothing", ""),
        ("acknowledged", " (goal: at most 1.2)"),
        ("processed", " (1.2)"),
    ):
        cost = small[what] / large[what]
        print(
            f"  {what:<25} {small[what]:6.0f} a second, then {large[what]:6.0f}: costs {cost:.2f} times as much{goal}"
        )


def _fill(source, first, last):
    columns = [column.column for column in Job._meta.concrete_fields if column.column and not column.primary_key]
    values = ", ".join(_OF_ITS_OWN.get(column, f"job.{column}") for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, [source.pk, EVENTS_A_JOB, compressed(b"{}"), source.secrets.get().pk, first + 1, last])
        jobs = _JOBS.format(columns=", ".join(columns), values=values)
        cursor.execute(jobs, [first // EVENTS_A_JOB + 1, last // EVENTS_A_JOB])
        cursor.execute("VACUUM (ANALYZE) webhooks_event, orders_job")
        cursor.execute("CHECKPOINT")


def _measure(source, batches) -> dict[str, float]:
    rates: dict[str, list[float]] = {"a view that does nothing": [], "acknowledged": [], "processed": []}
    events = stories.lives(50)
    supplies = {
        "a view that does nothing": stories.posts("/nothing/", events),
        "acknowledged": stories.posts("/webhooks/grown/", events),
    }
    with web_server() as port:
        for number in range(ROUNDS + 1):
            for name, supply in supplies.items():
                sent = list(islice(supply, 12_000))
                load = Sender(port, sent, connections=CLIENTS, seconds=SECONDS).result()
                if number:  # the first only warms
                    rates[name].append(load.rate)
    Event.objects.filter(status__in=Event.WAITING).update(
        status=Event.Status.IGNORED
    )  # of these only the receipt counts
    for _ in range(ROUNDS):
        backlog = process.events_of(source, next(batches))
        with workers(1):
            process.put(backlog)
            start = time.perf_counter()
            drained()
            rates["processed"].append(len(backlog) / (time.perf_counter() - start))
    return {name: statistics.median(values) for name, values in rates.items()}
