"""The likely cause why a request's token was rejected."""

import hmac
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_noop as N_

from webhooks.auth import access_tokens
from webhooks.messages import TranslatableMessage
from webhooks.models import AccessToken
from webhooks.payloads import parsing
from webhooks.redaction import header_bytes
from webhooks.rejections.known_secrets import KnownSecrets

if TYPE_CHECKING:
    from webhooks.auth.live_sources import LiveSource
    from webhooks.receiving.inbound import InboundRequest


def diagnose_token(
    inbound: "InboundRequest", source: "LiveSource", secrets: KnownSecrets, *, header: str, prefix: str, optional: str
) -> TranslatableMessage:
    """Return why no token of the request was accepted, or the empty message where that is not known.

    The token is expected in `header`, after `prefix` or, where that is "", after nothing or `optional`.
    """
    value = inbound.headers.get(header)
    if value is None:
        return _in_another_header(inbound, source, secrets, header)
    token = _identify(value, source, secrets)
    if not token:
        return TranslatableMessage(
            N_(
                "The token is unknown. Compare its fingerprint, shown below in place of the header's value, with those"
                " on the source's page."
            )
        )
    if prefix and not value.strip().lower().startswith(prefix.lower()):
        return TranslatableMessage(
            N_(
                "The token arrived without {prefix} before it: it is {token}. Empty the prefix of this source, or have"
                " the provider send it."
            ),
            prefix=prefix,
            token=token,
        )
    if not prefix and not optional and " " in value.strip():
        return TranslatableMessage(
            N_(
                "The token arrived after “{prefix}”: it is {token}. If the provider sends it this way, set that as"
                " this source's prefix."
            ),
            prefix=parsing.bounded(value.strip().partition(" ")[0], 20),
            token=token,
        )
    return TranslatableMessage(N_("The token is {token}."), token=token)


def _in_another_header(
    inbound: "InboundRequest", source: "LiveSource", secrets: KnownSecrets, expected: str
) -> TranslatableMessage:
    for name, value in inbound.headers.items():
        if token := _identify(value, source, secrets):
            return TranslatableMessage(
                N_(
                    "The token arrived in the header {name}, not in {expected}: it is {token}. Set this source's header"
                    " to {name}, or have the provider send it in {expected}."
                ),
                name=name,
                expected=expected,
                token=token,
            )
    return TranslatableMessage()


def _identify(value: str, source: "LiveSource", secrets: KnownSecrets) -> TranslatableMessage:
    """Return which token a header's value holds, with or without a prefix; the empty message for an unknown one."""
    candidates = {header_bytes(value.strip()), header_bytes(value.strip().partition(" ")[2].strip())} - {b""}
    for secret, text in secrets:
        if any(hmac.compare_digest(text.encode(), candidate) for candidate in candidates):
            return secrets.describe(secret)
    hashes = [access_tokens.hashed(candidate) for candidate in candidates]
    token = AccessToken.objects.filter(token_hash__in=hashes).select_related("source", "secret").first()
    return _describe(token, source) if token else TranslatableMessage()


def _describe(token: AccessToken, source: "LiveSource") -> TranslatableMessage:
    """Return which token of the token endpoint this is and, where it is not valid for the source, why."""
    if token.source_id != source.id:
        return TranslatableMessage(
            N_("token {id}, issued {time} for another source, “{source}” ({slug})"),
            id=token.pk,
            time=token.issued_at,
            source=token.source.name,
            slug=token.source.slug,
        )
    if token.revoked_at:
        return TranslatableMessage(
            N_("token {id}, issued {time}, which was revoked {end}"),
            id=token.pk,
            time=token.issued_at,
            end=token.revoked_at,
        )
    if token.expires_at <= timezone.now():
        return TranslatableMessage(
            N_(
                "token {id}, issued {time}, which expired {end}. The provider should ask for a new one when it is"
                " answered 401; if it does not, let tokens live longer"
            ),
            id=token.pk,
            time=token.issued_at,
            end=token.expires_at,
        )
    if not token.secret.is_live():
        return TranslatableMessage(
            N_("token {id}, issued {time} for the client secret {fingerprint}, which is no longer valid"),
            id=token.pk,
            time=token.issued_at,
            fingerprint=token.secret.fingerprint,
        )
    return TranslatableMessage(N_("token {id}, issued {time}"), id=token.pk, time=token.issued_at)
