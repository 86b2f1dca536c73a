"""From POST to row visible, at half of the rate that one machine sustains with web server and one worker."""

import json
import time
from itertools import islice

from benchmarks import stories
from benchmarks.load import Sender
from benchmarks.processes import drained, web_server, workers
from orders.models import TimelineEntry

FLAT_OUT = 6  # seconds, to find the rate
SECONDS = 20
CLIENTS = 16
JOBS = 700  # so many that none starts a second time


def run():
    stories.source("visible")
    posts = stories.posts("/webhooks/visible/", stories.lives(JOBS))
    with web_server() as port, workers(1):
        most = list(islice(posts, 12_000))
        start = time.perf_counter()
        load = Sender(port, most, connections=CLIENTS, seconds=FLAT_OUT).result()
        drained()
        rate = len(load.latencies) / (time.perf_counter() - start)
        paced = list(islice(posts, int(rate / 2 * SECONDS)))
        sender = Sender(port, paced, connections=CLIENTS, seconds=SECONDS, rate=rate / 2)
        visible = _watch(len(paced))
        sent = sender.result().sent
    ids = [json.loads(post.partition(b"\r\n\r\n")[2])["id"] for post in paced]
    times = sorted(visible.get(id, float("inf")) - moment for id, moment in zip(ids, sent, strict=True))
    within = sum(seconds <= 1 for seconds in times) / len(times)
    print(f"  sustained {rate:.0f} events a second; at {rate / 2:.0f}, of {len(times)} events:")
    print(f"  p50 {times[len(times) // 2]:.2f} s, p99 {times[int(len(times) * 0.99)]:.2f} s")
    print(f"  {within:.1%} within a second (goal: 99 %)")


def _watch(count):
    """Return when each event was first seen in its job's timeline, by the event's id."""
    visible: dict[str, float] = {}
    last = TimelineEntry.objects.order_by("id").values_list("id", flat=True).last() or 0
    end = time.perf_counter() + SECONDS + 30
    while len(visible) < count and time.perf_counter() < end:
        for entry in TimelineEntry.objects.filter(id__gt=last).order_by("id").only("external_id"):
            visible.setdefault(entry.external_id, time.perf_counter())
            last = entry.id
        time.sleep(0.02)
    return visible
