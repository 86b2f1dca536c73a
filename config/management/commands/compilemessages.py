"""Django's command of this name needs GNU gettext."""

from django.core.management.base import BaseCommand

from config import translations


class Command(BaseCommand):
    help = "Compile the translations in config/locale, as Django reads them."
    requires_system_checks = []

    def handle(self, **options):
        written = translations.compile()
        self.stdout.write(f"Compiled: {', '.join(written) or 'none, as all were'}.")
