"""Play something realistic from beginning to end through the front door, signed as the provider signs."""

import json
import random
import time
from datetime import timedelta

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from webhooks import encryption, folds
from webhooks.models import Event, Source

PROCESSING_TIMEOUT = 15  # seconds
OPTIONS = {  # of simulate(), and what each is for
    "replacements": "something is replaced",
    "missing": "something is not found",
    "reset": "a task is reset and done again",
    "cancelled": "it is cancelled on the way",
    "rescheduled": "it is moved to another slot",
}


class Command(BaseCommand):
    help = "Send a whole job's life to the running server, signed, and print where to look at it."

    def add_arguments(self, parser):
        parser.add_argument("source", nargs="?", default="instaleap", help="slug of a source (default: instaleap)")
        parser.add_argument("--url", help="of the server (default: where `make run` runs, else BASE_URL)")
        parser.add_argument("--seconds", type=float, default=5, help="how long it takes (default 5; 0: at once)")
        parser.add_argument("--seed", type=int, help="the same seed plays the same story (default: another each time)")
        parser.add_argument("--model", metavar="MODEL", help="operational model, as in FULL_SERVICE (default: any)")
        for option, text in OPTIONS.items():
            parser.add_argument(f"--{option}", action="store_true", default=None, help=text)
            parser.add_argument(f"--no-{option}", action="store_false", dest=option, help=f"not: {text}")

    def handle(self, *, source, url, seconds, seed, model, **options):
        source = self.get_source(source)
        url = (url or running_at()) + source.get_absolute_url()
        seed = random.randrange(10**6) if seed is None else seed
        try:
            payloads = source.get_provider().simulate(
                seed=seed,
                # It ends now, as if somebody looked at a job that has just been delivered.
                start=timezone.now() - timedelta(hours=2),
                operational_model=model,
                **{option: options[option] for option in OPTIONS},
            )
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.send(source, url, payloads, seconds)
        console = Console()
        console.print(f"{len(payloads)} events played (again: --seed {seed}).")
        for link in self.wait_for_rows(source, payloads):
            console.print(f"Look at it: {running_at()}{link}", soft_wrap=True)

    def get_source(self, slug):
        try:
            return Source.objects.get(slug=slug)
        except Source.DoesNotExist:
            raise CommandError(
                f"There is no source {slug}; `manage.py add_source` makes one, `make run` the demo."
            ) from None

    def send(self, source, url, payloads, seconds):
        provider = source.get_provider()
        secret = self.get_secret(source)
        signature = provider.signatures[0]
        columns = (TextColumn("{task.description:<32}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with requests.Session() as session, Progress(*columns, console=Console()) as progress:
            task = progress.add_task("", total=len(payloads))
            for payload in payloads:
                progress.update(task, description=provider.describe(provider.type_of(payload)).label)
                body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
                self.post(session, url, body, {signature.header: signature.sign(secret, body)})
                progress.advance(task)
                time.sleep(seconds / len(payloads))

    def get_secret(self, source):
        secret = source.secrets.live().first()
        if secret is None:
            raise CommandError(f"The source {source.slug} has no live secret; add one on its page.")
        try:
            return secret.value
        except encryption.UndecryptableError:
            raise CommandError(
                f"The secret of {source.slug} cannot be decrypted: ENCRYPTION_KEYS lacks its key."
            ) from None

    def post(self, session, url, body, headers):
        try:
            answer = session.post(url, body, headers={"Content-Type": "application/json", **headers}, timeout=30)
        except requests.ConnectionError:
            raise CommandError(f"Nothing answers at {url}; start it with `make run`.") from None
        if answer.status_code != 200:
            raise CommandError(f"The server answered {answer.status_code}: {answer.text[:500]}")

    def wait_for_rows(self, source, payloads):
        """Return the addresses of what was made, once the worker has made it."""
        subjects = {source.get_provider().subject_of(payload) for payload in payloads}
        waiting = Event.objects.filter(source=source, subject__in=subjects, status__in=Event.WAITING)
        deadline = time.monotonic() + PROCESSING_TIMEOUT
        while waiting.exists():
            if time.monotonic() > deadline:
                raise CommandError("The events are stored, but no worker processes them: is process_events running?")
            time.sleep(0.1)
        return [link for subject in subjects for link in folds.admin_links(source.provider, subject)]


def running_at() -> str:
    """Return where `make run` says that it runs, else BASE_URL."""
    address = settings.DATA_DIR / "address"
    return address.read_text().strip() if address.exists() else settings.BASE_URL
