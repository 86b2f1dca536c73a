"""The command that has stored events processed again, after a bug fix or since a reader was added."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from webhooks.models import Event
from webhooks.payloads.parsing import moment
from webhooks.processing.dry_run import MAX_EVENTS, Preview, preview
from webhooks.processing.replay import replay_events, replayable


class Command(BaseCommand):
    help = "Let the workers process events again. At least one of the options says which; several narrow it down."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="*", type=int, help="ids of events")
        parser.add_argument("--source", help="slug of a source")
        parser.add_argument("--type", help="as the provider calls it, as in CREATED or message.updated")
        parser.add_argument(
            "--status", choices=[status for status in Event.Status.values if status not in ("conflict", "unreadable")]
        )
        parser.add_argument("--since", metavar="TIME", help="received then or later, as in 2026-11-24T08:00")
        parser.add_argument("--until", metavar="TIME", help="received before then")
        parser.add_argument("--error", metavar="TEXT", help="whose error contains this")
        parser.add_argument(
            "--dry-run", action="store_true", help=f"only show what would change, of the first {MAX_EVENTS} events"
        )

    def handle(
        self,
        *,
        ids: list[int],
        source: str | None,
        type: str | None,
        status: str | None,
        since: str | None,
        until: str | None,
        error: str | None,
        dry_run: bool,
        **options: Any,
    ) -> str:
        wanted = {
            "pk__in": ids,
            "source__slug": source,
            "type": type,
            "status": status,
            "received_at__gte": _time("--since", since),
            "received_at__lt": _time("--until", until),
            "error__contains": error,
        }
        wanted = {name: value for name, value in wanted.items() if value}
        if not wanted:
            raise CommandError(
                "Name at least one: ids of events, --source, --type, --status, --since, --until or --error."
            )
        events = Event.objects.filter(**wanted)
        if dry_run:
            return "\n".join(_report(preview(replayable(events))))
        return f"Events that will be processed again: {replay_events(events)}"


def _time(option: str, text: str | None) -> datetime | None:
    """Return an aware time, in TIME_ZONE where the text names no zone; raise CommandError for any other text."""
    if not text:
        return None
    time = moment(text)
    if not time:
        raise CommandError(f"{option} takes a time in ISO 8601, as in 2026-11-24T08:00.")
    if timezone.is_naive(datetime.fromisoformat(text)):
        time = timezone.make_aware(time.replace(tzinfo=None))
    return time


def _report(preview: Preview) -> Iterator[str]:
    yield f"Of {preview.tried} events, processed again:"
    for event, error in preview.errors.items():
        yield f"  {event} would fail: {error}"
    for difference in preview.differences:
        yield f"  {difference.row}, {difference.field}: {difference.before or '-'} -> {difference.after or '-'}"
    if not preview.differences:
        yield "  no row would change"
