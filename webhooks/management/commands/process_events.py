"""The worker: turn what is in the inbox into jobs and conversations, for as long as it runs."""

import gc
import logging
import os
import signal
import socket
import time
from collections import Counter
from contextlib import suppress
from threading import Event as Flag

from django.core.management.base import BaseCommand
from django.db import Error, InterfaceError, OperationalError, connection
from django.db.models.functions import Now

from webhooks.models import Worker
from webhooks.monitoring.traffic import Count
from webhooks.processing.processor import process_batch
from webhooks.processing.retention import Purge

logger = logging.getLogger(__name__)

IDLE = 0.2  # seconds between two looks into an empty inbox
DATABASE_AWAY = 1.0  # seconds until the next try


class Command(BaseCommand):
    help = "Process waiting events until stopped; SIGTERM and Ctrl-C finish the batch. Any number of these may run."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="stop when nothing is left that could be done now")
        parser.add_argument("--batch", type=int, default=200, metavar="N", help="events per transaction (default 200)")

    def handle(self, *, once, batch, **options):
        """1. Take a batch. 2. Where there was none, stop (--once) or wait. 3. Say so every few seconds."""
        stop = Flag()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        counts = Counter()
        heartbeat = Heartbeat()
        housekeeping = Housekeeping()
        # Hardly anything of a batch outlives it. To look for that as often as Python does took a fifth of the time.
        gc.collect()
        gc.freeze()
        gc.disable()
        while not stop.is_set():
            try:
                heartbeat.beat()
                outcome = process_batch(batch)
                if not once:
                    housekeeping.step(is_idle=not outcome.claimed)
            except (OperationalError, InterfaceError) as error:
                if once:
                    raise
                logger.warning("The database does not answer, trying again: %s", str(error).strip())
                connection.close()
                stop.wait(DATABASE_AWAY)
                continue
            counts += outcome.counts
            if outcome.claimed:
                gc.collect()
                continue
            if once:
                break
            stop.wait(IDLE)
        heartbeat.end()
        done = ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "none"
        return f"Events: {done}"


class Housekeeping:
    """What is done in small steps: whenever there is nothing else to do, and now and then where there always is."""

    def __init__(self):
        self.chores = [Chore(Purge, every=3600), Chore(Count, every=60)]

    def step(self, *, is_idle):
        for chore in self.chores:
            chore.step(is_idle=is_idle)


class Chore:
    """Something that is done in passes, begun every so many seconds, each a number of steps."""

    WHEN_BUSY = 10  # seconds between two steps

    def __init__(self, begin, *, every):
        self.begin, self.every = begin, every
        self.current = None
        self.next_pass = self.next_step = 0.0

    def step(self, *, is_idle):
        now = time.monotonic()
        if now < (self.next_step if self.current else self.next_pass) and not (self.current and is_idle):
            return
        self.next_step = now + self.WHEN_BUSY
        if self.current is None:
            self.current, self.next_pass = self.begin(), now + self.every
        if not self.current.step():
            if what := str(self.current):
                logger.info(what)
            self.current = None


class Heartbeat:
    """This worker's row, for readiness and the admin."""

    def __init__(self):
        self.name = f"{socket.gethostname()[:80]}:{os.getpid()}"
        self.id = None
        self.next = 0.0

    def beat(self):
        if time.monotonic() < self.next:
            return
        self.next = time.monotonic() + Worker.HEARTBEAT
        if not (self.id and Worker.objects.filter(id=self.id).update(seen_at=Now())):
            self.id = Worker.objects.create(name=self.name).id

    def end(self):
        with suppress(Error):  # the database is away: the row goes stale by itself
            Worker.objects.filter(id=self.id).delete()
