"""Rejections by the token endpoint; those of RFC 6749, section 5.2, have its names."""

import hmac
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as N_

from webhooks.links import Link
from webhooks.messages import TranslatableMessage
from webhooks.models import Source
from webhooks.models.token_endpoint import TokenRequestFormat
from webhooks.rejections.known_secrets import KnownSecrets
from webhooks.rejections.reasons.base import RequestRejected, link_to

if TYPE_CHECKING:
    from webhooks.receiving.inbound import InboundRequest

Credentials = Sequence[tuple[bytes, bytes]]  # client ids and secrets that a request may mean


class TokensNotOffered(RequestRejected):
    """The source has no token endpoint, as its authentication is not a dynamic token."""

    status = 404
    code = "no_tokens"
    label = gettext_lazy("Tokens not offered")
    message = "This source does not give out tokens; only one whose authentication is a dynamic token does."

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> TranslatableMessage:
        return TranslatableMessage(
            N_(
                "The provider is set up to ask for tokens, and this source has another authentication: change one of"
                " the two."
            )
        )

    @classmethod
    def remedy(cls, source: Source) -> Iterator[str | Link]:
        yield _("A source whose authentication is a dynamic token.")
        yield link_to(source, _("Authentication"), "id_auth_mode")


class _TokenRequestRejected(RequestRejected):
    @classmethod
    def remedy(cls, source: Source) -> Iterator[str | Link]:
        if source.grant_type:
            yield f"grant_type={source.grant_type}"
        formats = " / ".join(TokenRequestFormat(value).value for value in source.token_formats)
        yield _("A body of the type {formats}.").format(formats=formats)
        yield link_to(source, _("Form of a token request"), "id_grant_type")


class InvalidRequest(_TokenRequestRejected):
    """The request lacks a parameter or cannot be read."""

    code = "invalid_request"
    label = gettext_lazy("Invalid token request")

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> TranslatableMessage:
        return TranslatableMessage(
            N_("The provider sends its token request in another form than this source is set up for.")
        )


class UnsupportedGrantType(_TokenRequestRejected):
    """The grant type is not the source's."""

    code = "unsupported_grant_type"
    label = gettext_lazy("Unsupported grant type")

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> TranslatableMessage:
        return TranslatableMessage(
            N_("The provider asks for a token with another grant type than this source is set up for.")
        )


class InvalidClient(_TokenRequestRejected):
    """The client is unknown, or its secret is wrong."""

    status = 401
    code = "invalid_client"
    label = gettext_lazy("Invalid client")
    message = "The client is unknown, or its secret is wrong."

    def __init__(self, message: str = "", headers: dict[str, str] | None = None, credentials: Credentials = ()) -> None:
        super().__init__(message, headers)
        self.credentials = credentials  # only to find the cause: never stored

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> TranslatableMessage:
        if not self.credentials:
            if inbound.headers.get("Authorization", "")[:6].lower() == "basic ":
                return TranslatableMessage(
                    N_("The credentials came as HTTP Basic; this source expects them elsewhere.")
                )
            return TranslatableMessage(
                N_("The request has no credentials, or under other names than those in this source's settings.")
            )
        source = Source.objects.get(slug=inbound.slug)
        return self._of_known_secret(source, secrets) or self._of_client_id(source)

    def _of_known_secret(self, source: Source, secrets: KnownSecrets) -> TranslatableMessage:
        for _client_id, value in self.credentials:
            for secret, text in secrets:
                for candidate in (value, value.strip()):
                    if not hmac.compare_digest(text.encode(), candidate):
                        continue
                    name = secrets.describe(secret)
                    if secret.source_id != source.pk or not secret.is_live():
                        return TranslatableMessage(N_("The client secret is {secret}."), secret=name)
                    if candidate != value:
                        return TranslatableMessage(
                            N_(
                                "The client secret is {secret} and has spaces around it; the client id is not this"
                                " source's."
                            ),
                            secret=name,
                        )
                    return TranslatableMessage(
                        N_("The client secret is {secret}; the client id is not this source's."), secret=name
                    )
        return TranslatableMessage()

    def _of_client_id(self, source: Source) -> TranslatableMessage:
        client_id = source.get_client_id().encode()
        if not client_id or any(hmac.compare_digest(client_id, given) for given, _secret in self.credentials):
            return TranslatableMessage(N_("The client id is right; the client secret is unknown."))
        return TranslatableMessage(N_("The client id is not this source's; the client secret is unknown."))

    @classmethod
    def remedy(cls, source: Source) -> Iterator[str | Link]:
        yield _("Credentials in: {place}.").format(place=source.get_credentials_in_display())
        if client_id := source.get_client_id():
            yield _("The client id {id}, and a live client secret of this source.").format(id=client_id)
        yield link_to(source, _("Secrets"), "secrets")
        yield from super().remedy(source)
        yield link_to(source, _("Place of the credentials, and client id"), "id_credentials_in")


class TooManyRequests(RequestRejected):
    """One address asked for more tokens within a minute than it may."""

    status = 429
    code = "too_many_requests"
    label = gettext_lazy("Too many requests")

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> TranslatableMessage:
        return TranslatableMessage(
            N_("The provider asks for a token for each event, or tries again and again with wrong credentials.")
        )

    @classmethod
    def remedy(cls, source: Source) -> Iterator[str | Link]:
        yield _("At most 60 requests for a token a minute from one address; each token is used until it is rejected.")
        yield link_to(source, _("Lifetime of a token"), "id_token_lifetime")
