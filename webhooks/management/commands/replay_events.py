"""Process events again: after a mend of ours, or since something new reads them."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from webhooks.models import Event
from webhooks.payloads import moment
from webhooks.processing import replay


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

    def handle(self, *, ids, source, type, status, since, **options):
        received = moment(since) if since else None
        if since and not received:
            raise CommandError("--since takes a time in ISO 8601, as in 2026-11-24T08:00.")
        if received and not since.endswith("Z") and "+" not in since:
            received = timezone.make_aware(received.replace(tzinfo=None))
        wanted = {
            "pk__in": ids,
            "source__slug": source,
            "type": type,
            "status": status,
            "received_at__gte": received,
        }
        wanted = {name: value for name, value in wanted.items() if value}
        if not wanted:
            raise CommandError("Say which: numbers of events, --source, --type, --status or --since.")
        return f"Events that will be processed again: {replay(Event.objects.filter(**wanted))}"
