"""Rejections that only a signature can cause: its age, and the fields of the payload that it covers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as N_

from webhooks.links import Link
from webhooks.messages import TranslatableMessage
from webhooks.models import Source
from webhooks.rejections.known_secrets import KnownSecrets
from webhooks.rejections.reasons.base import RequestRejected, link_to
from webhooks.rejections.reasons.credentials import CredentialsRejected

if TYPE_CHECKING:
    from webhooks.receiving.inbound import InboundRequest


class ExpiredSignature(CredentialsRejected):
    """The signature matches, but its timestamp is too far in the past or in the future."""

    code = "stale_proof"
    label = gettext_lazy("Expired signature")
    message = "The signature is too old, or from the future."

    @classmethod
    def remedy(cls, source: Source) -> Iterator[str | Link]:
        yield _("A timestamp at most {seconds} seconds away from this server's clock.").format(
            seconds=source.signature_tolerance
        )
        yield link_to(source, _("Tolerance in seconds"), "id_signature_tolerance")


class MissingSignedField(RequestRejected):
    """The payload lacks a field that the signature covers."""

    code = "no_envelope"
    label = gettext_lazy("Missing signed field")
    message = "The payload lacks a field that the signature is made of."

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> TranslatableMessage:
        return TranslatableMessage(
            N_(
                "Is it an event of another product of this provider, or a test sent by hand? Its first bytes are shown"
                " below."
            )
        )

    @classmethod
    def remedy(cls, source: Source) -> Iterator[str | Link]:
        for signature in source.get_provider().signatures:
            if signature.of_fields:
                yield _("For {header}: {fields} in the payload, as text.").format(
                    header=signature.header, fields=", ".join(signature.signed_paths)
                )


class BodyNotJSON(RequestRejected):
    """The body is not JSON, and the signature covers fields of it."""

    code = "not_json"
    label = gettext_lazy("Body not JSON")

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> TranslatableMessage:
        return TranslatableMessage(
            N_(
                "This provider's signature covers fields of the payload, so that a body that is not JSON cannot be"
                " verified. Its bytes are shown below; a proxy that changes the body, or a test copied from a document,"
                " is the usual cause."
            )
        )

    @classmethod
    def remedy(cls, source: Source) -> Iterator[str | Link]:
        yield _("A body that is JSON in UTF-8, and nothing else.")
        yield link_to(source, _("Setup for the provider"), "hand-over")
