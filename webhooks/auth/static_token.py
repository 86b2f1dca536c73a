"""The mode "static_token": the source's secret in a header of every request."""

import hmac
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webhooks.auth.live_sources import LiveSource, check_decryptable
from webhooks.auth.tokens import ONLY_THE_SENDER, TokenAuth, challenge, token_header
from webhooks.auth_modes import AUTH_MODES, AuthConfig, Fact, Outcome, StoredRequest, Verification
from webhooks.fingerprints import fingerprint
from webhooks.models import Source
from webhooks.redaction import header_fingerprint
from webhooks.rejections.reasons import InvalidCredentials

if TYPE_CHECKING:
    from webhooks.receiving.inbound import InboundRequest


@AUTH_MODES.register
class StaticTokenAuth(TokenAuth):
    slug = "static_token"
    label = gettext_lazy("Static token")
    position = 20
    settings = ("token_prefix",)

    def verify(self, source: LiveSource, config: AuthConfig, inbound: "InboundRequest") -> Verification:
        token = self.given_token(source, config, inbound)
        secrets = source.live_secrets(config.mode)
        for secret in secrets:
            if secret.value and hmac.compare_digest(secret.value.encode(), token):
                return Verification(mode=self.slug, signed_content=ONLY_THE_SENDER, secret_id=secret.id)
        check_decryptable(source, secrets)
        raise InvalidCredentials("The token is none of this source's.", challenge(source, config))

    def handover(self, source: Source) -> Iterator[Fact]:
        yield self.header_line(source.auth)
        yield Fact(_("Token"), _("given separately"), is_code=False)

    def requirements(self, source: Source, config: AuthConfig) -> Iterator[str]:
        yield _("{header}, followed by the source's token.").format(header=self.required_header(config))

    def would_pass(self, source: Source, secrets: Sequence[str], stored: StoredRequest) -> Outcome:
        value = stored.headers.get(token_header(source.auth).lower())
        prefix = self.prefix(source.auth)
        expected = {fingerprint(f"{prefix} {secret}".strip()) for secret in secrets if secret}
        return Outcome.of(value is not None and header_fingerprint(value) in expected)
