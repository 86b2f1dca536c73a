"""A source for each provider, for `make run` and `manage.py play`."""

import io
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from webhooks import providers


class Command(BaseCommand):
    help = "Add a sandbox source for each provider that has none under its own name; they take requests from here only."

    def handle(self, **options: Any) -> str:
        return "\n".join(
            call_command(
                "add_source",
                slug,
                name=f"{provider.name} demo",
                environment="sandbox",
                allow_network=["127.0.0.0/8", "::1"],
                if_missing=True,
                stdout=io.StringIO(),
            )
            for slug, provider in providers.registry().items()
        )
