"""What is asked of the inbox all the time reads an index, whatever its size: shown on 100,000 events."""

import json
import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from console.search.query import SearchTerm
from webhooks.admin import search
from webhooks.models import Event, Source
from webhooks.monitoring import alerts, secret_usage, traffic
from webhooks.monitoring.backlog import Backlog
from webhooks.monitoring.health import oldest_waiting
from webhooks.payloads.compression import compressed
from webhooks.processing import history, processor, replay, retention

FILL = """
    INSERT INTO webhooks_event (
        source_id, type, subject, external_id, dedup_key, body_hash, body, headers, status,
        auth_mode, signed_content, secret_id,
        received_at, processed_at
    )
    SELECT %s, 'CREATED', 'job-' || number / 20, number, sha256(number::text::bytea), sha256(number::text::bytea), %s,
           '{}', CASE WHEN number %% 20000 = 0 THEN 'pending' ELSE 'processed' END, 'signature', '', %s,
           now() - (100000 - number) * interval '1 minute', now()
    FROM generate_series(1, 100000) AS number
"""
BIG = {"webhooks_event"}


@pytest.fixture
def big(source):
    """A source with many events."""
    with connection.cursor() as cursor:
        cursor.execute(FILL, [source.pk, compressed(b"{}"), source.secrets.get().pk])
        cursor.execute("ANALYZE webhooks_event")
    Source.objects.update(keep_bodies_days=30, keep_events_days=60)
    return Source.objects.get()


def nodes(statement: str) -> Iterator[dict]:
    """Yield each node of a statement's plan."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        (plan,) = cursor.fetchone()
    plans = [(json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]]
    while plans:
        node = plans.pop()
        yield node
        plans += node.get("Plans", [])


def scanned(statement: str) -> set[str]:
    """Return the big tables that a statement reads from end to end."""
    return {node["Relation Name"] for node in nodes(statement) if node["Node Type"] == "Seq Scan"} & BIG


def purge(source):
    step = retention.RetentionPass()
    step.step()
    step.step()


ASKED = {
    "claim a batch": lambda source: processor._claim(200),
    "the history of a job": lambda source: history.StoredHistory().changes({("instaleap", "job-7")}, object),
    "what can be replayed": lambda source: replay.replay_events(Event.objects.filter(pk=7)),
    "rebuild": lambda source: replay.rebuild_subjects([("instaleap", "job-7")]),
    "purge": purge,
    "the oldest that waits": lambda source: oldest_waiting(),
    "a source's page": lambda source: (traffic.by_hour(48, [source.pk]), secret_usage.of_secrets(source)),
    "the dashboard": lambda source: (alerts.find_alerts(Backlog.now(), Source.objects.all()), traffic.by_hour(168)),
    "an hour is counted": lambda source: traffic.TrafficPass().step(),
    "the admin's list": lambda source: list(Event.objects.order_by("-id")[:50]),
    "the list of a source": lambda source: list(Event.objects.filter(source=source).order_by("-id")[:50]),
    "the list by status": lambda source: list(Event.objects.filter(status="dead").order_by("-id")[:50]),
}


def test_nothing_that_is_asked_all_the_time_reads_the_inbox_from_end_to_end(big):
    assert scanned("SELECT count(*) FROM webhooks_event WHERE signed_content = 'x'") == BIG, (
        "This test would see one that does."
    )
    found = []
    for what, ask in ASKED.items():
        with CaptureQueriesContext(connection) as asked:
            ask(big)
        statements = [query["sql"] for query in asked if re.match(r"\s*(SELECT|UPDATE|DELETE)", query["sql"])]
        assert statements
        found += [(what, statement[:2000]) for statement in statements if scanned(statement)]
    assert found == []


def test_a_term_is_looked_up_and_never_looked_for(big):
    """A walk in the list's order, until enough are found, reads all events where there are few."""
    with CaptureQueriesContext(connection) as asked:
        search.events(SearchTerm.parse("0b0c8a4e-51dc-4a5e-8a9b-3f3a7b9f0a11"))
    reads = [
        node
        for query in asked
        for node in nodes(query["sql"])
        if node.get("Relation Name") in BIG and node["Node Type"] != "Bitmap Heap Scan"
    ]
    assert reads
    assert all("Index Cond" in node for node in reads), reads
