"""The command that rebuilds jobs and conversations from the stored events, after a bug fix."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, QuerySet
from rich.console import Console
from rich.progress import Progress

from webhooks.models import Event, PurgedSubject
from webhooks.processing import projections
from webhooks.processing.projections import Subject
from webhooks.processing.replay import rebuild_subjects

BATCH = 50  # subjects in a transaction, whose events are in memory at once


class Command(BaseCommand):
    help = "Rebuild jobs and conversations from the stored events; the workers may run meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "subjects", nargs="*", help="ids of the jobs or conversations, as the events' pages show them"
        )
        parser.add_argument("--all", action="store_true", help="all jobs and conversations")

    def handle(self, *, subjects: list[str], all: bool, **options: Any) -> str:
        if bool(subjects) == all:
            raise CommandError("Name ids of jobs or conversations, or --all.")
        stored = Event.objects.filter(processed_at__isnull=False).exclude(subject="")
        if subjects:
            stored = stored.filter(subject__in=subjects)
            if missing := set(subjects) - set(stored.values_list("subject", flat=True)):
                raise CommandError(f"No processed event is about {', '.join(sorted(missing))}.")
        left = PurgedSubject.objects.filter(subject__in=subjects) if subjects else PurgedSubject.objects
        purged = left.count()
        if all and not purged:
            projections.reset_projections()
        total = stored.aggregate(count=Count("subject", distinct=True))["count"]
        events, console = 0, Console(stderr=True)
        with Progress(console=console, disable=not console.is_terminal) as progress:
            task = progress.add_task("Rebuilding", total=-(-total // BATCH))
            for batch in _batches(stored):
                events += rebuild_subjects(batch)
                progress.advance(task)
        rebuilt = f"Rebuilt from {events} events: {total - purged} jobs, conversations and other objects."
        return rebuilt + (f" Unchanged, as some of their events were purged: {purged}." if purged else "")


def _batches(stored: QuerySet[Event]) -> Iterator[list[Subject]]:
    """Yield (provider, subject), each once, in order of the subjects."""
    last = ""
    while True:
        subjects = stored.filter(subject__gt=last).order_by("subject").values_list("subject", flat=True).distinct()
        if not (batch := list(subjects[:BATCH])):
            return
        yield list(stored.filter(subject__in=batch).values_list("source__provider", "subject").distinct())
        last = batch[-1]
