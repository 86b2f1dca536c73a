"""What would have been right in place of a request that was refused, and where in the admin it is put right.

Said of the source as it is now; what the right proof would have been is never told.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from webhooks.models import Rejection, Secret, Source
from webhooks.models.token_endpoint import Format
from webhooks.processing.projections import Link
from webhooks.providers.base import DYNAMIC_TOKEN, SIGNATURE

_MOST_SLUGS = 200


@dataclass(frozen=True)
class Remedy:
    right: list[str]  # sentences
    links: list[Link]  # the likeliest first


def remedy(rejection: Rejection) -> Remedy:
    """Return what a request such as this has to be, and where to change it if it is not the sender who has to."""
    find = _REMEDIES.get(rejection.code)
    # Refused before its source was looked for, it is known by its address.
    source = rejection.source or Source.objects.filter(slug=rejection.slug).first()
    if find is None or (source is None and find is not _unknown_source):
        return Remedy([], [])
    found = list(find(rejection, source))
    return Remedy([part for part in found if isinstance(part, str)], [part for part in found if isinstance(part, Link)])


def _to(source, text, anchor):
    return Link(text, f"{reverse('admin:webhooks_source_change', args=[source.pk])}#{anchor}")


def _proof(rejection, source) -> Iterator[str | Link]:
    for way in source.get_ways():
        if way.mode == SIGNATURE:
            yield from dict.fromkeys(_signed(way, signature) for signature in source.get_provider().signatures)
        else:
            token = "a token from this source's token endpoint" if way.mode == DYNAMIC_TOKEN else "its token"
            prefix = way.prefix or ("Bearer" if way.mode == DYNAMIC_TOKEN else "")
            yield f"{f'{way.token_header}: {prefix}'.strip()} and then {token}."
    modes = {way.mode for way in source.get_ways()}
    live = [secret.fingerprint for secret in Secret.objects.live().filter(source=source, auth_mode__in=modes)]
    yield (
        f"Made with a live secret of this source: {', '.join(live)}."
        if live
        else "This source has no live secret at the moment, so that nothing would be right."
    )
    yield _to(source, "Its secrets", "secrets")
    yield _to(source, "Add a secret", "id_new_secret")
    yield _to(source, "Its authentication, header and prefix", "id_auth_mode")
    yield _to(source, "What to hand to the provider", "hand-over")


def _signed(way, signature):
    text = signature.covers
    if signature.of_fields:
        text = f"{'&'.join(signature.messages.names)}, each as it stands in the payload or, a timestamp, in the header"
    return (
        f"{way.header or signature.header}: {signature.value}, where {{hex}} is the HMAC-{signature.algorithm.upper()},"
        f" in hexadecimal, of {text}."
    )


def _stale(rejection, source):
    yield f"A timestamp at most {source.signature_tolerance} seconds away from this server's clock."
    yield _to(source, "How many seconds are tolerated", "id_signature_tolerance")


def _network(rejection, source):
    allowed = ", ".join(source.allowed_networks.split())
    yield f"It comes from {allowed}." if allowed else "It may come from anywhere, now."
    yield _to(source, "Its allowed networks", "id_allowed_networks")


def _json(rejection, source):
    yield "A body that is JSON in UTF-8, and nothing else."
    yield _to(source, "What to hand to the provider", "hand-over")


def _envelope(rejection, source):
    for signature in source.get_provider().signatures:
        if signature.of_fields:
            yield f"For {signature.header}: {', '.join(signature.signed_paths)} in the payload, as text."


def _disabled(rejection, source):
    if source.state == Source.State.DISABLED:
        yield "Its source has to be active, or paused."
    else:
        yield "Its source is no longer disabled: sent again, it is not refused for this."
    yield _to(source, "Its state", "id_state")


def _method(rejection, source):
    yield f"POST {source.get_url()}"
    yield _to(source, "What to hand to the provider", "hand-over")


def _size(rejection, source):
    yield f"A body of at most {settings.MAX_BODY_BYTES:,} bytes, as MAX_BODY_BYTES says."


def _unknown_source(rejection, source):
    slugs = dict(Source.objects.values_list("slug", "pk")[:_MOST_SLUGS])
    near = difflib.get_close_matches(rejection.slug, slugs, n=3)
    yield "The URL of a source that there is, as its page says it."
    for slug in near:
        yield Link(f"The source {slug}", reverse("admin:webhooks_source_change", args=[slugs[slug]]))
    yield Link("Add a source", reverse("admin:webhooks_source_add"))


def _no_tokens(rejection, source):
    yield "Tokens are given out by sources whose authentication is a dynamic token."
    yield _to(source, "Its authentication", "id_auth_mode")


def _credentials(rejection, source):
    yield f"Credentials in: {source.get_credentials_in_display()}."
    if client_id := source.get_client_id():
        yield f"The client id {client_id}, and a live client secret of this source."
    yield from _token_request(rejection, source)
    yield _to(source, "Its secrets", "secrets")
    yield _to(source, "Where credentials come, and the client id", "id_credentials_in")


def _token_request(rejection, source):
    if source.grant_type:
        yield f"grant_type={source.grant_type}"
    yield f"A body that is {' or '.join(Format(value).value for value in source.token_formats)}."
    yield _to(source, "What its token endpoint takes", "id_grant_type")


def _busy(rejection, source):
    yield "At most 60 requests for a token a minute from one address; each token is used until it is refused."
    yield _to(source, "How long a token lives", "id_token_lifetime")


_REMEDIES = {
    "no_proof": _proof,
    "wrong_proof": _proof,
    "stale_proof": _stale,
    "wrong_network": _network,
    "not_json": _json,
    "no_envelope": _envelope,
    "source_disabled": _disabled,
    "method_not_allowed": _method,
    "too_large": _size,
    "unknown_source": _unknown_source,
    "no_tokens": _no_tokens,
    "invalid_client": _credentials,
    "invalid_request": _token_request,
    "unsupported_grant_type": _token_request,
    "too_many_requests": _busy,
}
