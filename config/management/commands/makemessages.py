"""Django's command of this name needs GNU gettext."""

from django.core.management.base import BaseCommand

from config import translations


class Command(BaseCommand):
    help = "Collect what is marked for translation into config/locale; what is not translated yet is left empty there."

    def handle(self, **options):
        collected = translations.collect()
        for locale in translations.LOCALES:
            messages = [message for message in translations.update(locale, collected) if message.id]
            missing = sum(not all(message.string if message.pluralizable else [message.string]) for message in messages)
            self.stdout.write(f"{locale}: {len(messages)} strings, {missing} of them to translate.")
