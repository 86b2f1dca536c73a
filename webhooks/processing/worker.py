"""The worker's loop: process batches, show a heartbeat, and run the periodic tasks."""

import gc
import logging
import os
import socket
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from threading import Event as Flag
from typing import Protocol

from django.db import Error, InterfaceError, OperationalError, connection
from django.db.models.functions import Now

from webhooks.models import Worker
from webhooks.monitoring.traffic import TrafficPass
from webhooks.processing.processor import process_batch
from webhooks.processing.retention import RetentionPass

logger = logging.getLogger(__name__)

_IDLE = 0.2  # seconds between two looks into an empty inbox
_RECONNECT_DELAY = 1.0  # seconds
_STEP_WHEN_BUSY = 10  # seconds between two steps of a periodic task while there are events to process
_RETENTION_INTERVAL = 3600  # seconds
_TRAFFIC_INTERVAL = 60  # seconds


def run(batch: int, *, once: bool, stop: Flag) -> Counter[str]:
    """Process batches of at most `batch` events until `stop` is set; return how many events got which status.

    `once`: until no event can be processed now, without periodic tasks, and raising a lost connection's error.
    """
    counts: Counter[str] = Counter()
    heartbeat, tasks = Heartbeat(), PeriodicTasks()
    # Nearly nothing of a batch outlives it: collecting garbage as often as Python does took a fifth of the time.
    gc.collect()
    gc.freeze()
    gc.disable()
    while not stop.is_set():
        try:
            heartbeat.beat()
            outcome = process_batch(batch)
            if not once:
                tasks.step(is_idle=not outcome.claimed)
        except (OperationalError, InterfaceError) as error:
            if once:
                raise
            logger.warning("The database does not answer, trying again: %s", str(error).strip())
            connection.close()
            stop.wait(_RECONNECT_DELAY)
            continue
        counts += outcome.counts
        if outcome.claimed:
            gc.collect()
            continue
        if once:
            break
        stop.wait(_IDLE)
    heartbeat.end()
    return counts


class Pass(Protocol):
    """One pass of a periodic task, done in small steps."""

    def step(self) -> bool:
        """Do a step; return whether there is more to do."""

    def __str__(self) -> str:
        """Return the pass's result for the log, or "" for nothing to log."""


class PeriodicTask:
    """A task that begins a pass every `every` seconds; while the worker is busy, its steps are seldom."""

    def __init__(self, begin: Callable[[], Pass], *, every: float) -> None:
        self._begin, self._every = begin, every
        self._current: Pass | None = None
        self._next_pass = self._next_step = 0.0

    def step(self, *, is_idle: bool) -> None:
        """Do a step where one is due; `is_idle`: the worker has no events to process."""
        now = time.monotonic()
        if now < (self._next_step if self._current else self._next_pass) and not (self._current and is_idle):
            return
        self._next_step = now + _STEP_WHEN_BUSY
        if self._current is None:
            self._current, self._next_pass = self._begin(), now + self._every
        if not self._current.step():
            if result := str(self._current):
                logger.info(result)
            self._current = None


class PeriodicTasks:
    """The periodic tasks of a worker: retention, and the count of traffic by the hour."""

    def __init__(self) -> None:
        self._tasks = [
            PeriodicTask(RetentionPass, every=_RETENTION_INTERVAL),
            PeriodicTask(TrafficPass, every=_TRAFFIC_INTERVAL),
        ]

    def step(self, *, is_idle: bool) -> None:
        """Do a step of each task where one is due."""
        for task in self._tasks:
            task.step(is_idle=is_idle)


class Heartbeat:
    """The row that shows that this worker runs, for the readiness check and the admin."""

    def __init__(self) -> None:
        self._name = f"{socket.gethostname()[:80]}:{os.getpid()}"
        self._id = 0  # none yet
        self._next = 0.0

    def beat(self) -> None:
        """Write the present time into the row, at most every Worker.HEARTBEAT seconds; create the row if missing."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + Worker.HEARTBEAT
        if not (self._id and Worker.objects.filter(id=self._id).update(seen_at=Now())):
            self._id = Worker.objects.create(name=self._name).pk

    def end(self) -> None:
        """Delete the row."""
        with suppress(Error):  # without a database, the row becomes stale by itself
            Worker.objects.filter(id=self._id).delete()
