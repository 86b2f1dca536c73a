"""The command that plays realistic stories: it sends their events to the running server as a provider does."""

import random
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import requests
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

from webhooks import providers
from webhooks.links import Link
from webhooks.models import Event, Source
from webhooks.onboarding.client import CannotSendError, Sender, running_at
from webhooks.processing import projections
from webhooks.providers.story import Customer, Payload, some_customer

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PROCESSING_TIMEOUT = 30  # seconds without one event being processed


class Command(BaseCommand):
    help = "Send whole stories to the running server, signed as their providers sign, and print links to the results."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sources", nargs="*", help="slugs of sources (default: all that `make run` made)")
        parser.add_argument("--url", help="of the server (default: where `make run` runs, else BASE_URL)")
        parser.add_argument("--seconds", type=float, default=5, help="duration (default 5; 0: at once)")
        parser.add_argument("--seed", type=int, help="the same seed plays the same stories (default: a random seed)")
        for provider in providers.registry().values():
            group = parser.add_argument_group(f"the story of {provider.name} (default: chosen by the seed)")
            for option, text in provider.story_options.items():
                group.add_argument(f"--{option}", action="store_true", default=None, help=text)
                group.add_argument(f"--no-{option}", action="store_false", dest=option, help=f"not: {text}")
            for option, choices in provider.story_choices.items():
                group.add_argument(f"--{option.replace('_', '-')}", choices=choices, metavar="|".join(choices))

    def handle(self, *, sources: list[str], url: str | None, seconds: float, seed: int | None, **options: Any) -> None:
        seed = random.randrange(10**6) if seed is None else seed
        # The first two stories are about the same customer, so that one can be found from the other.
        customer = some_customer(random.Random(seed))
        stories = [
            (source, build_story(source, seed + number, customer if number < 2 else None, options))
            for number, source in enumerate(self.get_sources(sources))
        ]
        count = sum(len(payloads) for _, payloads in stories)
        columns = (TextColumn("{task.description:<42}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        console = Console()
        with (
            requests.Session() as session,
            Progress(*columns, console=console, disable=not console.is_terminal) as progress,
        ):
            for source, payloads in stories:
                task = progress.add_task(source.name, total=len(payloads))
                for description in self.send(source, url or running_at(), payloads, session):
                    progress.update(task, advance=1, description=f"{source.name}: {description}")
                    time.sleep(seconds / count)
        console.print(f"{count} events played (again: --seed {seed}).")
        for link in self.wait_for_rows(stories):
            console.print(f"{link.text}  {running_at()}{link.url}", soft_wrap=True, markup=False, highlight=False)

    def get_sources(self, slugs: list[str]) -> list[Source]:
        """Return the sources with these slugs, by default those of the demo; raise CommandError for a missing one."""
        found = {source.slug: source for source in Source.objects.filter(slug__in=slugs or providers.registry())}
        missing = [slug for slug in slugs if slug not in found]
        if missing or not found:
            raise CommandError(
                f"There is no source {missing[0] if missing else 'to play'}; `manage.py add_source` makes one,"
                " `make run` those of the demo."
            )
        return [found[slug] for slug in slugs or sorted(found)]

    def send(
        self, source: Source, url: str, payloads: list[Payload], session: requests.Session
    ) -> Iterator["StrOrPromise"]:
        """Send one payload after another, and yield the label of each."""
        provider = source.get_provider()
        try:
            sender = Sender(source, url, session)
            for payload in payloads:
                answer = sender.send(payload)
                if answer.status_code != 200:
                    raise CommandError(f"The server answered {answer.status_code}: {answer.text[:500]}")
                yield provider.describe(provider.type_of(payload)).label
        except CannotSendError as error:
            raise CommandError(str(error)) from None

    def wait_for_rows(self, stories: list[tuple[Source, list[Payload]]]) -> dict[Link, None]:
        """Return links to the objects that the stories created, once the worker has processed their events."""
        subjects = [
            (source, subject)
            for source, payloads in stories
            for subject in dict.fromkeys(source.get_provider().subject_of(payload) for payload in payloads)
        ]
        waiting = Event.objects.filter(
            source__in=[source for source, _ in stories],
            subject__in=[subject for _, subject in subjects],
            status__in=Event.WAITING,
        )
        left, deadline = -1, 0.0
        while count := waiting.count():
            if count != left:
                left, deadline = count, time.monotonic() + PROCESSING_TIMEOUT
            if time.monotonic() > deadline:
                raise CommandError("The events are stored, but no worker processes them: is process_events running?")
            time.sleep(0.1)
        return dict.fromkeys(link for source, subject in subjects for link in projections.admin_links(source, subject))


def build_story(source: Source, seed: int, customer: Customer | None, options: dict[str, Any]) -> list[Payload]:
    """Return the payloads of a story that ends now."""
    provider = source.get_provider()
    wanted = {*provider.story_options, *provider.story_choices}
    return provider.simulate(
        seed=seed,
        start=timezone.now() - timedelta(hours=2.5),
        customer=customer,
        **{option: value for option, value in options.items() if option in wanted},
    )
