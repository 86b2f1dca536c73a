"""The secrets that a rejected request is compared with, to find its likely cause."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as N_

from webhooks.messages import TranslatableMessage
from webhooks.models import Secret, Source

if TYPE_CHECKING:
    from webhooks.receiving.inbound import InboundRequest

_MAX_SECRETS = 200  # of the source, and as many of the others
_MAX_BYTES = 4 * 1024 * 1024  # that are hashed to explain one request
_MIN_LENGTH = 8  # characters of a secret that is removed from a stored body
_ENVIRONMENTS = {Source.Environment.PRODUCTION: N_("production"), Source.Environment.SANDBOX: N_("sandbox")}


class KnownSecrets:
    """Every secret that the request may have been made with, the source's own first: (Secret, its value)."""

    def __init__(self, inbound: "InboundRequest") -> None:
        self.source_id = inbound.source.id if inbound.source else None
        self._inbound = inbound
        latest = Secret.objects.select_related("source").order_by("-id")
        own, others = latest.filter(source=self.source_id), latest.exclude(source=self.source_id)
        secrets = [*own[:_MAX_SECRETS], *others[:_MAX_SECRETS]]
        self._values = [(secret, value) for secret in secrets if (value := secret.readable_value)]

    def __iter__(self) -> Iterator[tuple[Secret, str]]:
        return iter(self._values)

    def of_provider(self) -> list[tuple[Secret, str]]:
        """Return the secrets of the provider's sources, as many as can be tried on this body at a bounded cost."""
        source = self._inbound.source
        limit = max(5, _MAX_BYTES // (len(self._inbound.body) + 1))
        of_provider = [pair for pair in self._values if source and pair[0].source.provider == source.provider_slug]
        return of_provider[:limit]

    def to_remove(self) -> list[bytes]:
        """Return the values that a stored body must not contain; a short one may be a word of any text."""
        return [value.encode() for _, value in self._values if len(value) >= _MIN_LENGTH]

    def describe(self, secret: Secret) -> TranslatableMessage:
        """Return which secret this is and, where it is not valid for the source, why."""
        if secret.source_id != self.source_id:
            return TranslatableMessage(
                N_("the secret {fingerprint} of another source, “{source}” ({environment}, {slug})"),
                fingerprint=secret.fingerprint,
                source=secret.source.name,
                environment=TranslatableMessage(_ENVIRONMENTS[Source.Environment(secret.source.environment)]),
                slug=secret.source.slug,
            )
        if secret.state == Secret.State.REVOKED:
            return TranslatableMessage(
                N_("this source's secret {fingerprint}, which was revoked"), fingerprint=secret.fingerprint
            )
        if secret.retires_at and not secret.is_live():
            return TranslatableMessage(
                N_("this source's secret {fingerprint}, which was valid until {time}"),
                fingerprint=secret.fingerprint,
                time=secret.retires_at,
            )
        return TranslatableMessage(N_("this source's secret {fingerprint}"), fingerprint=secret.fingerprint)
