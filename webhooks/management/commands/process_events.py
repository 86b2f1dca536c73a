"""The command that runs a worker."""

import signal
from argparse import ArgumentParser
from threading import Event as Flag
from typing import Any

from django.core.management.base import BaseCommand

from webhooks.processing import worker


class Command(BaseCommand):
    help = "Process waiting events until stopped; SIGTERM and Ctrl-C finish the batch. Any number of these may run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="stop when nothing is left that could be done now")
        parser.add_argument("--batch", type=int, default=200, metavar="N", help="events per transaction (default 200)")

    def handle(self, *, once: bool, batch: int, **options: Any) -> str:
        """Run until a signal stops it; return how many events got which status."""
        stop = Flag()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        counts = worker.run(batch, once=once, stop=stop)
        return f"Events: {', '.join(f'{count} {status}' for status, count in sorted(counts.items())) or 'none'}"
