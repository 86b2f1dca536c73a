"""What a provider has to be told of a source, in words that can be copied; never a secret."""

from dataclasses import dataclass

from webhooks.models import Source
from webhooks.models.token_endpoint import Format
from webhooks.providers.base import DYNAMIC_TOKEN, SIGNATURE, STATIC_TOKEN


@dataclass(frozen=True)
class Fact:
    name: str
    value: str
    is_code: bool = True  # to be copied to the letter


def facts(source: Source) -> list[Fact]:
    return [
        Fact("URL", source.get_url()),
        Fact("Method and body", "POST, application/json"),
        Fact("Authentication", source.get_auth_mode_display(), is_code=False),
        *_PROOFS[source.auth_mode](source),
    ]


def _signature(source):
    yield Fact("Header of the signature", " or ".join(source.get_auth_headers()))
    yield Fact("Secret", "the one that both of us hold; it is never sent", is_code=False)


def _static_token(source):
    yield Fact("Header of the token", _header_line(source))
    yield Fact("Token", "handed over separately", is_code=False)


def _dynamic_token(source):
    yield Fact("Token URL (RenewURL)", source.get_token_url())
    yield Fact("Credentials come in", source.get_credentials_in_display(), is_code=False)
    is_named = source.credentials_in != source.Place.BASIC
    if client_id := source.get_client_id():
        yield Fact("Client id", f"{source.client_id_name}={client_id}" if is_named else client_id)
    yield Fact(
        "Client secret",
        f"{source.client_secret_name}, handed over separately" if is_named else "handed over separately",
        is_code=False,
    )
    if source.grant_type:
        yield Fact("Grant type", f"grant_type={source.grant_type}")
    yield Fact("Format of the token request", " or ".join(Format(value).value for value in source.token_formats))
    lifetime = f", lifetime in {source.lifetime_field}" if source.lifetime_field else ""
    yield Fact("Answer", f"status {source.token_status}, token in {source.token_field}{lifetime}", is_code=False)
    yield Fact(
        "A token lives for",
        f"{source.token_lifetime} seconds; ask for a new one when it is answered 401",
        is_code=False,
    )
    yield Fact("Header of the token", _header_line(source))


def _header_line(source):
    header, _, prefix = source.get_auth_headers()[0].partition(": ")
    return f"{header}: {prefix} <token>".replace("  ", " ")


_PROOFS = {SIGNATURE: _signature, STATIC_TOKEN: _static_token, DYNAMIC_TOKEN: _dynamic_token}


def as_text(source: Source) -> str:
    return "\n".join(f"{fact.name}: {fact.value}" for fact in facts(source))
