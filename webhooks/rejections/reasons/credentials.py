"""Rejections because of a missing or a wrong signature or token."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from webhooks.links import Link
from webhooks.messages import Message
from webhooks.models import Secret, Source
from webhooks.models.source import AuthConfig
from webhooks.providers.base import DYNAMIC_TOKEN, SIGNATURE, Signature
from webhooks.rejections import signature_diagnosis, token_diagnosis
from webhooks.rejections.known_secrets import KnownSecrets
from webhooks.rejections.reasons.base import RequestRejected, link_to

if TYPE_CHECKING:
    from webhooks.receiving.inbound import InboundRequest


class _CredentialsRejected(RequestRejected):
    status = 401

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> Message:
        source = inbound.source
        for config in source.auth_configs if source else ():
            diagnosis = signature_diagnosis if config.mode == SIGNATURE else token_diagnosis
            if source and (message := diagnosis.diagnose(inbound, source, config, secrets)):
                return message
        return Message()

    @classmethod
    def remedy(cls, source: Source) -> Iterator[str | Link]:
        configs = source.active_auth_configs()
        for config in configs:
            if config.mode == SIGNATURE:
                yield from dict.fromkeys(_required(config, signature) for signature in source.get_provider().signatures)
            else:
                yield _required_token(config)
        live = Secret.objects.live().filter(source=source, auth_mode__in={config.mode for config in configs})
        if fingerprints := ", ".join(secret.fingerprint for secret in live):
            yield _("Made with a live secret of this source: {fingerprints}.").format(fingerprints=fingerprints)
        else:
            yield _("This source has no live secret at the moment, so that every request is rejected.")
        yield link_to(source, _("Secrets"), "secrets")
        yield link_to(source, _("Add a secret"), "id_new_secret")
        yield link_to(source, _("Authentication, header and prefix"), "id_auth_mode")
        yield link_to(source, _("Setup for the provider"), "hand-over")


class MissingCredentials(_CredentialsRejected):
    """Neither a signature nor a token is where the source expects it."""

    code = "no_proof"

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> Message:
        return super().cause(inbound, secrets) or _of_another_mode(inbound)


class InvalidCredentials(_CredentialsRejected):
    """The signature or token matches none of the source's live secrets."""

    code = "wrong_proof"
    message = "The signature matches none of this source's secrets, or is not of the form that its provider sends."

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> Message:
        return super().cause(inbound, secrets) or Message(
            N_(
                "It was made with a secret that is unknown here, or of another body. Compare the secret set up at the"
                " provider with those of this source."
            )
        )


def _of_another_mode(inbound: "InboundRequest") -> Message:
    source = inbound.source
    takes_signatures = source is not None and any(config.mode == SIGNATURE for config in source.auth_configs)
    if takes_signatures and "Authorization" in inbound.headers:
        return Message(
            N_(
                "The request has an Authorization header and no signature: is the provider set up to send a token? Then"
                " choose that as this source's authentication."
            )
        )
    for signature in source.provider.signatures if source and not takes_signatures else ():
        if signature.header in inbound.headers:
            return Message(
                N_(
                    "The request has a signature ({header}) and no token: is the provider set up to sign? Then choose"
                    " that as this source's authentication."
                ),
                header=signature.header,
            )
    return Message(
        N_(
            "Nothing in the request looks like a signature or a token. Either no secret is set up at the provider, a"
            " proxy drops the header, or somebody else sent this."
        )
    )


def _required(config: AuthConfig, signature: Signature) -> str:
    if signature.of_fields:
        content = _("{fields}, each as written in the payload or, a timestamp, in the header").format(
            fields="&".join(signature.messages.names)
        )
    else:
        content = _(signature.signed_content)
    return _("{header}: {value}, where {digest} is the HMAC-{algorithm}, in hexadecimal, of {content}.").format(
        header=config.header or signature.header,
        value=signature.value,
        digest="{hex}",
        algorithm=signature.algorithm.upper(),
        content=content,
    )


def _required_token(config: AuthConfig) -> str:
    if config.mode == DYNAMIC_TOKEN:
        header = f"{config.token_header}: {config.prefix or 'Bearer'}"
        return _("{header}, followed by a token from this source's token endpoint.").format(header=header)
    header = f"{config.token_header}: {config.prefix}".strip()
    return _("{header}, followed by the source's token.").format(header=header)
