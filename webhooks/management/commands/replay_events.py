"""Process events again: after a mend of ours, or since something new reads them."""

from datetime import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from webhooks.models import Event
from webhooks.payloads.parsing import moment
from webhooks.processing.dry_run import MOST, preview
from webhooks.processing.processor import replay, replayable


class Command(BaseCommand):
    help = "Let the workers process events again. At least one of the options says which; several narrow it down."

    def add_arguments(self, parser):
        parser.add_argument("ids", nargs="*", type=int, help="numbers of events")
        parser.add_argument("--source", help="slug of a source")
        parser.add_argument("--type", help="as the provider calls it, as in CREATED or message.updated")
        parser.add_argument(
            "--status", choices=[status for status in Event.Status.values if status not in ("conflict", "unreadable")]
        )
        parser.add_argument("--since", metavar="TIME", help="received then or later, as in 2026-11-24T08:00")
        parser.add_argument("--until", metavar="TIME", help="received before then")
        parser.add_argument("--error", metavar="TEXT", help="that failed with this in the error")
        parser.add_argument(
            "--dry-run", action="store_true", help=f"only say what would change, of the first {MOST} events"
        )

    def handle(self, *, ids, source, type, status, since, until, error, dry_run, **options):
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
            raise CommandError("Say which: numbers of events, --source, --type, --status, --since, --until or --error.")
        events = Event.objects.filter(**wanted)
        if dry_run:
            return "\n".join(_would(preview(replayable(events))))
        return f"Events that will be processed again: {replay(events)}"


def _time(option, text):
    """Return an aware time, in TIME_ZONE where the text names no zone."""
    if not text:
        return None
    time = moment(text)
    if not time:
        raise CommandError(f"{option} takes a time in ISO 8601, as in 2026-11-24T08:00.")
    if timezone.is_naive(datetime.fromisoformat(text)):
        time = timezone.make_aware(time.replace(tzinfo=None))
    return time


def _would(preview):
    yield f"Of {preview.tried} events, processed again:"
    for event, why in preview.dead.items():
        yield f"  {event} would be given up on: {why}"
    for difference in preview.differences:
        yield f"  {difference.row}, {difference.field}: {difference.before or '-'} -> {difference.after or '-'}"
    if not preview.differences:
        yield "  no row would change"
