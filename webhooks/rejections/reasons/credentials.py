"""Rejections because of a missing or a wrong signature or token."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as N_

from webhooks.auth_modes import AUTH_MODES, AuthConfig, get_auth_mode
from webhooks.links import Link
from webhooks.messages import TranslatableMessage
from webhooks.models import Secret, Source
from webhooks.rejections.known_secrets import KnownSecrets
from webhooks.rejections.reasons.base import RequestRejected, link_to

if TYPE_CHECKING:
    from webhooks.receiving.inbound import InboundRequest


class CredentialsRejected(RequestRejected):
    """The base of the reasons whose cause the source's authentication modes find."""

    status = 401

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> TranslatableMessage:
        source = inbound.source
        for config in source.auth_configs if source else ():
            if source and (message := get_auth_mode(config.mode).diagnose(source, config, inbound, self, secrets)):
                return message
        return TranslatableMessage()

    @classmethod
    def remedy(cls, source: Source) -> Iterator[str | Link]:
        configs = source.active_auth_configs()
        for config in configs:
            yield from get_auth_mode(config.mode).requirements(source, config)
        live = Secret.objects.live().filter(source=source, auth_mode__in={config.mode for config in configs})
        if fingerprints := ", ".join(secret.fingerprint for secret in live):
            yield _("Made with a live secret of this source: {fingerprints}.").format(fingerprints=fingerprints)
        else:
            yield _("This source has no live secret at the moment, so that every request is rejected.")
        yield link_to(source, _("Secrets"), "secrets")
        yield link_to(source, _("Add a secret"), "id_new_secret")
        yield link_to(source, _("Authentication, header and prefix"), "id_auth_mode")
        yield link_to(source, _("Setup for the provider"), "hand-over")


class MissingCredentials(CredentialsRejected):
    """Neither a signature nor a token is where the source expects it."""

    code = "no_proof"
    label = gettext_lazy("Missing credentials")

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> TranslatableMessage:
        return super().cause(inbound, secrets) or _of_another_mode(inbound)


class InvalidCredentials(CredentialsRejected):
    """The signature or token matches none of the source's live secrets."""

    code = "wrong_proof"
    label = gettext_lazy("Invalid credentials")
    message = "The signature matches none of this source's secrets, or is not of the form that its provider sends."

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> TranslatableMessage:
        return super().cause(inbound, secrets) or TranslatableMessage(
            N_(
                "It was made with a secret that is unknown here, or of another body. Compare the secret set up at the"
                " provider with those of this source."
            )
        )


def _of_another_mode(inbound: "InboundRequest") -> TranslatableMessage:
    if source := inbound.source:
        configured = [get_auth_mode(config.mode) for config in source.auth_configs]
        others = [mode for mode in AUTH_MODES if mode.carries_token not in {one.carries_token for one in configured}]
        for mode in others:
            for header in mode.header_names(source.provider, AuthConfig(mode.slug)):
                if header in inbound.headers:
                    return TranslatableMessage(mode.unexpected_header, header=header)
    return TranslatableMessage(
        N_(
            "Nothing in the request looks like a signature or a token. Either no secret is set up at the provider, a"
            " proxy drops the header, or somebody else sent this."
        )
    )
