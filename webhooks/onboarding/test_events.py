"""Test events: sent over HTTP with valid credentials, as the provider sends its own, and their effect."""

import time
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import requests
from django.utils import timezone
from django.utils.translation import gettext as _

from webhooks.links import Link
from webhooks.models import Event, Source
from webhooks.onboarding.client import Sender, running_at
from webhooks.processing import projections
from webhooks.providers.story import some_customer

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NOTHING = ""  # the event type that changes no row
_WAIT = 5  # seconds, for a worker


@dataclass(frozen=True)
class SendResult:
    status: int  # of HTTP
    said: str  # the answer's body
    event: Event | None
    links: list[Link]
    label: "StrOrPromise"


def get_test_event_choices(source: Source) -> list[tuple[str, "StrOrPromise"]]:
    """Return the types that can be sent, and what each is called."""
    provider = source.get_provider()
    types = dict.fromkeys(provider.type_of(payload) for payload in _story(source, seed=0))
    return [
        (NOTHING, _("Connection only: changes nothing")),
        *((type, provider.describe(type).label) for type in types),
    ]


def send_test_event(source: Source, type: str) -> SendResult:
    """Send an event of this type, of an invented customer, and wait a little for the worker.

    Raises webhooks.onboarding.client.CannotSendError.
    """
    provider = source.get_provider()
    seed = int(time.time())
    payload = next((payload for payload in _story(source, seed) if type and provider.type_of(payload) == type), None)
    if payload is None:
        payload = provider.test_payload(timezone.now())
    with requests.Session() as session:
        answer = Sender(source, running_at(), session).send(payload)
    event = _wait_for(answer)
    links = projections.admin_links(source, event.subject) if event else []
    label = provider.describe(type).label if type else _("Connection only")
    return SendResult(answer.status_code, answer.text[:1000], event, links, label)


def _story(source: Source, seed: int) -> list[dict[str, Any]]:
    """Return a story whose customer's name says that it is a test, as its rows appear among the real ones."""
    customer = some_customer(Random(seed))
    customer = replace(customer, name=f"TEST {customer.name}")
    return source.get_provider().simulate(seed=seed, start=timezone.now() - timedelta(hours=2.5), customer=customer)


def _wait_for(answer: requests.Response) -> Event | None:
    if answer.status_code != 200:
        return None
    deadline = time.monotonic() + _WAIT
    while True:
        event = Event.objects.get(pk=answer.json()["event"])
        if event.status not in Event.WAITING or time.monotonic() > deadline:
            return event
        time.sleep(0.1)
