"""The places of a token request where a provider may put its client id and client secret: one class for each."""

import base64
import binascii
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from webhooks.models import Source
from webhooks.payloads import parsing
from webhooks.redaction import header_bytes

Credentials = list[tuple[bytes, bytes]]  # each client id and client secret that a request may mean
Names = tuple[str, str]  # of the client id and the client secret


class CredentialsPlace(ABC):
    has_challenge = False  # whether a 401 has to name HTTP Basic (RFC 6749, section 5.2)

    @abstractmethod
    def find(self, headers: Mapping[str, str], fields: Mapping[str, Any], names: Names) -> Credentials:
        """Return the credentials, or [] where there is no client secret."""


class InBasic(CredentialsPlace):
    has_challenge = True

    def find(self, headers: Mapping[str, str], fields: Mapping[str, Any], names: Names) -> Credentials:
        scheme, _space, encoded = headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "basic":
            return []
        try:
            client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        except (binascii.Error, ValueError):
            return []
        # RFC 6749, section 2.3.1, has both form-encoded before; many clients omit that.
        decoded = unquote_to_bytes(client_id.replace(b"+", b" ")), unquote_to_bytes(secret.replace(b"+", b" "))
        return [(client_id, secret), decoded] if colon else []


class _Named(CredentialsPlace):
    """A place where both are found by their names."""

    def find(self, headers: Mapping[str, str], fields: Mapping[str, Any], names: Names) -> Credentials:
        client_id, secret = (self.find_value(headers, fields, name) for name in names)
        return [] if secret is None else [(client_id or b"", secret)]

    @abstractmethod
    def find_value(self, headers: Mapping[str, str], fields: Mapping[str, Any], name: str) -> bytes | None:
        """Return the value with this name, or None."""


class InBody(_Named):
    def find_value(self, headers: Mapping[str, str], fields: Mapping[str, Any], name: str) -> bytes | None:
        value = fields.get(name, parsing.at(fields, name))
        return value.encode(errors="surrogatepass") if isinstance(value, str) else None


class InHeaders(_Named):
    def find_value(self, headers: Mapping[str, str], fields: Mapping[str, Any], name: str) -> bytes | None:
        return header_bytes(headers[name].strip()) if name in headers else None


class Anywhere(_Named):
    """Each in the body or, where it is not there, in a header."""

    def find_value(self, headers: Mapping[str, str], fields: Mapping[str, Any], name: str) -> bytes | None:
        value = InBody().find_value(headers, fields, name)
        return InHeaders().find_value(headers, fields, name) if value is None else value


class AsOAuth(CredentialsPlace):
    """HTTP Basic or the body, as RFC 6749, section 2.3.1, has it."""

    has_challenge = True

    def find(self, headers: Mapping[str, str], fields: Mapping[str, Any], names: Names) -> Credentials:
        place: CredentialsPlace = InBasic() if "Authorization" in headers else InBody()
        return place.find(headers, fields, names)


PLACES: dict[str, CredentialsPlace] = {
    Source.Place.OAUTH: AsOAuth(),
    Source.Place.BASIC: InBasic(),
    Source.Place.BODY: InBody(),
    Source.Place.HEADERS: InHeaders(),
    Source.Place.ANYWHERE: Anywhere(),
}
