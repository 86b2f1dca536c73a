"""The mode "dynamic_token": an access token that the source's token endpoint issued, as in OAuth 2.0."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webhooks.auth import access_tokens
from webhooks.auth.live_sources import LiveSource
from webhooks.auth.tokens import ONLY_THE_SENDER, TokenAuth, challenge, token_header
from webhooks.auth_modes import AUTH_MODES, AuthConfig, Fact, Outcome, StoredRequest, Verification
from webhooks.models import Source
from webhooks.models.token_endpoint import TOKEN_ENDPOINT_FIELDS, TokenRequestFormat
from webhooks.rejections.reasons import InvalidCredentials

if TYPE_CHECKING:
    from webhooks.receiving.inbound import InboundRequest


@AUTH_MODES.register
class DynamicTokenAuth(TokenAuth):
    slug = "dynamic_token"
    label = gettext_lazy("Dynamic token")
    position = 30
    issues_tokens = True
    settings = ("token_prefix", *TOKEN_ENDPOINT_FIELDS)
    default_prefix = "Bearer"

    def verify(self, source: LiveSource, config: AuthConfig, inbound: "InboundRequest") -> Verification:
        token = access_tokens.find(source, self.given_token(source, config, inbound))
        if token is None:
            raise InvalidCredentials(
                "The token is unknown, expired or revoked; get a new one from this source's token endpoint.",
                challenge(source, config, error="invalid_token"),
            )
        return Verification(mode=self.slug, signed_content=ONLY_THE_SENDER, secret_id=token.secret_id, token=token)

    def handover(self, source: Source) -> Iterator[Fact]:
        separately = _("given separately")
        is_named = source.credentials_in != source.Place.BASIC
        yield Fact(_("Token URL (RenewURL)"), source.get_token_url())
        yield Fact(_("Place of the credentials"), str(source.get_credentials_in_display()), is_code=False)
        if client_id := source.get_client_id():
            yield Fact(_("Client ID"), f"{source.client_id_name}={client_id}" if is_named else client_id)
        secret = f"{source.client_secret_name}, {separately}" if is_named else separately
        yield Fact(_("Client secret"), secret, is_code=False)
        if source.grant_type:
            yield Fact(_("Grant type"), f"grant_type={source.grant_type}")
        yield Fact(
            _("Format of the token request"),
            " / ".join(TokenRequestFormat(value).value for value in source.token_formats),
        )
        yield Fact(_("Answer"), _answer(source), is_code=False)
        yield Fact(
            _("Lifetime of a token"),
            _("{seconds} seconds; request a new one when a token is answered 401").format(
                seconds=source.token_lifetime
            ),
            is_code=False,
        )
        yield self.header_line(source.auth)

    def requirements(self, source: Source, config: AuthConfig) -> Iterator[str]:
        yield _("{header}, followed by a token from this source's token endpoint.").format(
            header=self.required_header(config)
        )

    def would_pass(self, source: Source, secrets: Sequence[str], stored: StoredRequest) -> Outcome:
        # Which access token a request had is stored; any other value was not a valid token.
        has_header = token_header(source.auth).lower() in stored.headers
        return Outcome.of(has_header and stored.access_token is not None and stored.access_token.is_live())

    def clean(self, source: Source) -> None:
        source.clean_token_endpoint()


def _answer(source: Source) -> str:
    text = _("status {status}, token in {token_field}")
    if source.lifetime_field:
        text = _("status {status}, token in {token_field}, lifetime in {lifetime_field}")
    return text.format(status=source.token_status, token_field=source.token_field, lifetime_field=source.lifetime_field)
