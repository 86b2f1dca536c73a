"""Rejections because of the form of a request: its method and its body."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as N_

from webhooks.links import Link
from webhooks.messages import TranslatableMessage
from webhooks.models import Source
from webhooks.rejections.known_secrets import KnownSecrets
from webhooks.rejections.reasons.base import RequestRejected, link_to

if TYPE_CHECKING:
    from webhooks.receiving.inbound import InboundRequest


class MethodNotAllowed(RequestRejected):
    """The request is not a POST."""

    status = 405
    code = "method_not_allowed"
    label = gettext_lazy("Method not allowed")
    message = "Events are sent with POST."
    headers = {"Allow": "POST"}

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> TranslatableMessage:
        return TranslatableMessage(
            N_(
                "Somebody opened the URL in a browser, a monitor checks it, or a redirect turned a POST into a GET: the"
                " provider has to be given the URL exactly as the source's page shows it."
            )
        )

    @classmethod
    def remedy(cls, source: Source) -> Iterator[str | Link]:
        yield f"POST {source.get_url()}"
        yield link_to(source, _("Setup for the provider"), "hand-over")


class BodyIncomplete(RequestRejected):
    """The connection ended before the whole body was read."""

    code = "refused"
    label = gettext_lazy("Body incomplete")
    message = "The body ended before its Content-Length."

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> TranslatableMessage:
        return TranslatableMessage(
            N_("The connection broke while the body was sent; the provider normally sends it again.")
        )

    @classmethod
    def remedy(cls, source: Source) -> Iterator[str | Link]:
        yield _("A body of as many bytes as its Content-Length says.")


class BodyTooLarge(RequestRejected):
    """The body is longer than MAX_BODY_BYTES."""

    status = 413
    code = "too_large"
    label = gettext_lazy("Body too large")

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> TranslatableMessage:
        return TranslatableMessage(
            N_("MAX_BODY_BYTES is {limit}; set it higher if the provider's events are this long."),
            limit=settings.MAX_BODY_BYTES,
        )

    @classmethod
    def remedy(cls, source: Source) -> Iterator[str | Link]:
        yield _("A body of at most {limit} bytes, the value of MAX_BODY_BYTES.").format(
            limit=f"{settings.MAX_BODY_BYTES:,}"
        )


class TemporarilyUnavailable(RequestRejected):
    """The request could not be processed because of this server, not because of its sender.

    It is never recorded: there may be no database to write to.
    """

    status = 503
    code = "unavailable"
    label = gettext_lazy("Temporarily unavailable")
    message = "The event could not be stored just now; please send it again."
    headers = {"Retry-After": "5"}  # seconds
    is_recorded = False
