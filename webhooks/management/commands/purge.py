"""Drop what sources no longer want to keep."""

from django.core.management.base import BaseCommand

from webhooks.processing.retention import Purge


class Command(BaseCommand):
    help = (
        "Drop the bodies of events, then the events, that are older than their source keeps them (on its page): only"
        " finished ones, about whose job or conversation nothing newer came. The workers do the same, bit by bit."
    )

    def handle(self, **options):
        purge = Purge()
        while purge.step():
            pass
        return f"Bodies dropped: {purge.purged.bodies}. Events dropped: {purge.purged.events}."
