"""The base of all reasons for which a request is rejected."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from django.urls import reverse

from webhooks.links import Link
from webhooks.messages import TranslatableMessage

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from webhooks.models import Source
    from webhooks.receiving.inbound import InboundRequest
    from webhooks.rejections.known_secrets import KnownSecrets


@dataclass(frozen=True)
class Remedy:
    """The requirements that a request did not meet, and links to the settings behind them."""

    requirements: list[str]  # sentences
    links: list[Link]  # the likeliest first


class RequestRejected(Exception):
    """Raised where a request is rejected. Each subclass is one reason; only subclasses are raised.

    The message answers the sender, so it contains nothing secret; it is always in English, as the API is. The cause and
    the remedy are for the integration admin, in three languages. Of the cause, too, nothing may help to forge a
    request: what the right signature or token would have been appears nowhere.
    """

    code: ClassVar[str]  # in the JSON answer, part of the API; unique
    label: ClassVar["StrOrPromise"]  # for lists and headings, translated
    status: ClassVar[int] = 400  # of HTTP
    message: ClassVar[str] = ""  # "" where each raise gives its own
    is_recorded: ClassVar[bool] = True  # whether a Rejection is stored
    headers: dict[str, str] = {}

    def __init__(self, message: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(message or self.message)
        self.headers = headers or self.headers

    def cause(self, inbound: "InboundRequest", secrets: "KnownSecrets") -> TranslatableMessage:
        """Return the likely cause and what to do about it, or the empty message where the answer says it all."""
        return TranslatableMessage()

    @classmethod
    def remedy(cls, source: "Source") -> Iterator[str | Link]:
        """Yield the requirements that the request did not meet, and links to where the source's settings are changed.

        The settings are those of now.
        """
        yield from ()

    @classmethod
    def remedy_without_source(cls, slug: str) -> Iterator[str | Link]:
        """Yield the same where no source has the slug that the request was sent to."""
        yield from ()


def link_to(source: "Source", text: str, anchor: str) -> Link:
    """Return a link to a section or a field of a source's page."""
    return Link(text, f"{reverse('admin:webhooks_source_change', args=[source.pk])}#{anchor}")
