"""The common base of the modes with a token in a header: header, prefix, challenge."""

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from webhooks.auth import token_diagnosis
from webhooks.auth.live_sources import LiveSource
from webhooks.auth_modes import AuthConfig, AuthMode, Fact
from webhooks.messages import TranslatableMessage
from webhooks.models import Source
from webhooks.providers.base import Provider
from webhooks.redaction import header_bytes
from webhooks.rejections.known_secrets import KnownSecrets
from webhooks.rejections.reasons import InvalidCredentials, MissingCredentials, RequestRejected

if TYPE_CHECKING:
    from webhooks.receiving.inbound import InboundRequest

TOKEN_HEADER = "Authorization"  # unless the source has another one
ONLY_THE_SENDER = N_("the sender only, nothing of the request")  # the signed content of a token


class TokenAuth(AuthMode):
    """A token in a header, after a prefix if the source has one."""

    carries_token = True
    default_prefix = ""  # that a token is sent with, and accepted with or without
    unexpected_header = N_(
        "The request has an Authorization header and no signature: is the provider set up to send a token? Then choose"
        " that as this source's authentication."
    )

    def header_names(self, provider: Provider, config: AuthConfig) -> list[str]:
        return [token_header(config)]

    def sign(self, source: Source, credential: str, body: bytes) -> dict[str, str]:
        config = source.auth
        return {token_header(config): f"{self.prefix(config)} {credential}".strip()}

    def prefix(self, config: AuthConfig) -> str:
        """Return what a provider writes before the token; "" for nothing."""
        return config.prefix or self.default_prefix

    def header_line(self, config: AuthConfig) -> Fact:
        """Return the header, with a placeholder for the token, as a line to give to the provider."""
        value = f"{self.prefix(config)} <token>".strip()
        return Fact(_("Header of the token"), f"{token_header(config)}: {value}")

    def diagnose(
        self,
        source: LiveSource,
        config: AuthConfig,
        inbound: "InboundRequest",
        reason: RequestRejected,
        secrets: KnownSecrets,
    ) -> TranslatableMessage:
        return token_diagnosis.diagnose_token(
            inbound,
            source,
            secrets,
            header=token_header(config),
            prefix=config.prefix,
            optional=self.default_prefix,
        )

    def required_header(self, config: AuthConfig) -> str:
        """Return the header and the prefix, without the token."""
        return f"{token_header(config)}: {self.prefix(config)}".strip()

    def given_token(self, source: LiveSource, config: AuthConfig, inbound: "InboundRequest") -> bytes:
        """Return the token of a request; raise MissingCredentials or, for a wrong prefix, InvalidCredentials."""
        name = token_header(config)
        if name not in inbound.headers:
            raise MissingCredentials(
                f"The header {name} is missing; this source takes requests with its token only.",
                challenge(source, config),
            )
        value = inbound.headers[name].strip()
        given, _space, token = value.partition(" ")
        # A scheme is compared without regard to case (RFC 9110, section 11.1).
        if config.prefix:
            if given.lower() != config.prefix.lower():
                raise InvalidCredentials(
                    f"The header {name} does not begin with {config.prefix} and a space.", challenge(source, config)
                )
            value = token
        elif self.default_prefix and given.lower() == self.default_prefix.lower():
            value = token
        return header_bytes(value.strip())


def token_header(config: AuthConfig) -> str:
    """Return the header that contains the token."""
    return config.header or TOKEN_HEADER


def challenge(source: LiveSource, config: AuthConfig, **parameters: str) -> dict[str, str]:
    """Return the header of a 401 about a token (RFC 9110, section 11.6.1; RFC 6750, section 3)."""
    scheme = config.prefix if re.fullmatch(r"[A-Za-z0-9._~+/-]+", config.prefix) else "Bearer"
    parameters = {"realm": source.slug, **parameters}
    return {"WWW-Authenticate": f"{scheme} {', '.join(f'{name}="{value}"' for name, value in parameters.items())}"}
