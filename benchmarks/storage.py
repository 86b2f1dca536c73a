"""Bytes that an event takes on disk once it is processed, against its raw body; indexes apart.

Processing creates a dead version of each row, whose space a vacuum makes free for later rows. So there are two
measurements: before any vacuum, and of events that arrive after one, which PostgreSQL does regularly by itself.
"""

from django.db import connection

from benchmarks import stories
from benchmarks.load import Sender
from benchmarks.processes import drained, web_server, workers
from webhooks.models import Event

EVENTS = 2_000
_SIZES = """
    SELECT pg_table_size('webhooks_event'), pg_relation_size('webhooks_event'), pg_indexes_size('webhooks_event'),
           (SELECT sum(pg_column_size(body)) FROM webhooks_event)
"""


def run():
    stories.source("stored")
    events = stories.lives(200)
    supply = stories.posts("/webhooks/stored/", events)
    before, grown = (0, 0, 0, 0), []
    for _ in range(2):
        _take_in([post for post, _ in zip(supply, range(EVENTS), strict=False)])
        with connection.cursor() as cursor:
            cursor.execute(_SIZES)
            after = cursor.fetchone()
            cursor.execute("VACUUM webhooks_event")
        grown.append([(now - then) / EVENTS for now, then in zip(after, before, strict=True)])
        before = after
    lengths = [len(body) for body in Event.objects.values_list("body", flat=True)]
    raw = sum(lengths) / len(lengths)
    print(f"  {len(lengths)} events of {raw:.0f} bytes")
    for when, (table, rows, indexes, bodies) in zip(("nothing vacuumed", "after a vacuum"), grown, strict=True):
        print(f"  {when:<17} {table:6.0f} bytes an event, {table / raw:.2f} of the body (goal: 0.35)")
        print(f"    of that, rows   {rows:6.0f}; a body {bodies:.0f}, in its row or in TOAST; indexes {indexes:.0f}")


def _take_in(posts):
    with web_server() as port:
        # As slowly as any machine can, so that each is sent once.
        Sender(port, posts, connections=4, seconds=len(posts) / 100, rate=100).result()
    with workers(1):
        drained()
