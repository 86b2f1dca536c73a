"""The product's own processes, started as `manage.py run` starts them."""

import time
from contextlib import contextmanager

from django.conf import settings

from benchmarks import load
from tests.running import free_port, wait_for
from webhooks.management.commands.run import WORKER, start, terminate, web
from webhooks.models import Event, Worker


@contextmanager
def web_server():
    """Run it; give its port."""
    port = free_port()
    process = start(web(port), settings.DATA_DIR / "web.log")
    try:
        wait_for(lambda: load.answers(port), seconds=60)
        yield port
    finally:
        terminate([process])


@contextmanager
def workers(count):
    """Run as many, from when they look for events on."""
    processes = [start(WORKER, settings.DATA_DIR / f"worker-{number}.log") for number in range(count)]
    try:
        wait_for(lambda: Worker.objects.count() == count, seconds=60)
        yield
    finally:
        terminate(processes)


def drained():
    """Wait until no event waits for a worker."""
    while Event.objects.filter(status__in=Event.WAITING).exists():
        time.sleep(0.02)
