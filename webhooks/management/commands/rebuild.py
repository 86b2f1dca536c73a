"""Fold jobs and conversations anew from what is stored, after a mend of ours, while events go on coming in."""

from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from rich.console import Console
from rich.progress import Progress

from webhooks.models import Event, PurgedSubject
from webhooks.processing import projections
from webhooks.processing.processor import refold

BATCH = 50  # subjects in a transaction: so many jobs' events are in memory at once


class Command(BaseCommand):
    help = "Fold jobs and conversations anew from the stored events; the workers may go on meanwhile."

    def add_arguments(self, parser):
        parser.add_argument(
            "subjects", nargs="*", help="what the events are about, as their pages say: ids of jobs, ..."
        )
        parser.add_argument("--all", action="store_true", help="all that there is")

    def handle(self, *, subjects, all, **options):
        if bool(subjects) == all:
            raise CommandError("Say which: ids of jobs or conversations, or --all.")
        stored = Event.objects.filter(processed_at__isnull=False).exclude(subject="")
        if subjects:
            stored = stored.filter(subject__in=subjects)
            if missing := set(subjects) - set(stored.values_list("subject", flat=True)):
                raise CommandError(f"No processed event is about {', '.join(sorted(missing))}.")
        left = PurgedSubject.objects.filter(subject__in=subjects) if subjects else PurgedSubject.objects
        purged = left.count()
        if all and not purged:
            projections.forget()
        total = stored.aggregate(count=Count("subject", distinct=True))["count"]
        events, console = 0, Console(stderr=True)
        with Progress(console=console, disable=not console.is_terminal) as progress:
            task = progress.add_task("Rebuilding", total=-(-total // BATCH))
            for batch in _batches(stored):
                events += refold(batch)
                progress.advance(task)
        said = f"Folded anew: {events} events about {total - purged} jobs, conversations and other things."
        return said + (f" Left as they are, as events of theirs were purged: {purged}." if purged else "")


def _batches(stored) -> Iterator[list[tuple[str, str]]]:
    """Yield (provider, subject), each once, in order of the subjects."""
    last = ""
    while True:
        subjects = stored.filter(subject__gt=last).order_by("subject").values_list("subject", flat=True).distinct()
        if not (batch := list(subjects[:BATCH])):
            return
        yield list(stored.filter(subject__in=batch).values_list("source__provider", "subject").distinct())
        last = batch[-1]
