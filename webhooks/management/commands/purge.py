"""The command that applies retention."""

from typing import Any

from django.core.management.base import BaseCommand

from webhooks.processing.retention import RetentionPass


class Command(BaseCommand):
    help = (
        "Delete the bodies of events, then the events, that are older than their source keeps them (on its page): only"
        " finished ones, about whose job or conversation no newer event came. The workers do the same in small steps."
    )

    def handle(self, **options: Any) -> str:
        """Do a whole pass; return how much was deleted."""
        retention = RetentionPass()
        while retention.step():
            pass
        return f"Bodies dropped: {retention.purged.bodies}. Events dropped: {retention.purged.events}."
