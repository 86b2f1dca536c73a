"""Bytes that an event takes on disk once it is processed, against its raw body; indexes apart."""

from django.db import connection

from benchmarks import stories
from benchmarks.load import Sender
from benchmarks.processes import drained, web_server, workers
from webhooks.models import Event

EVENTS = 2_000
_SIZES = """
    SELECT sum(pg_column_size(body)), pg_relation_size('webhooks_event'),
           pg_table_size('webhooks_event'), pg_indexes_size('webhooks_event')
    FROM webhooks_event
"""


def run():
    stories.source("stored")
    events = stories.lives(100)[:EVENTS]
    posts = [post for post, _ in zip(stories.posts("/webhooks/stored/", events), events, strict=False)]
    with web_server() as port:
        # As slowly as any machine can, so that each is sent once.
        Sender(port, posts, connections=4, seconds=EVENTS / 100, rate=100).result()
    with workers(1):
        drained()
    with connection.cursor() as cursor:
        cursor.execute(_SIZES)
        compressed, rows, table, indexes = cursor.fetchone()
    lengths = [len(body) for body in Event.objects.values_list("body", flat=True)]
    count, raw = len(lengths), sum(lengths)
    print(f"  {count} events of {raw / count:.0f} bytes; nothing was vacuumed")
    print(f"  table and TOAST {table / count:6.0f} bytes an event, {table / raw:.2f} of the body (goal: 0.35)")
    print(f"  of that, rows   {rows / count:6.0f}, bodies {compressed / count:.0f}")
    print(f"  indexes         {indexes / count:6.0f} bytes an event")
