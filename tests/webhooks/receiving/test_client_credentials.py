"""The places of a token request where credentials are looked for."""

import base64

import pytest
from django.http.request import HttpHeaders

from webhooks.models import Source
from webhooks.receiving.client_credentials import PLACES

Place = Source.Place
BODY = {"client_id": "ana", "client_secret": "pw"}
HEADERS = {"client-id": "eva", "client-secret": " ñ "}


def find(place, headers=None, fields=None):
    sent = HttpHeaders({f"HTTP_{name.upper().replace('-', '_')}": value for name, value in (headers or {}).items()})
    name = "client-{}" if headers else "client_{}"
    return PLACES[place].find(sent, fields or {}, (name.format("id"), name.format("secret")))


def basic(credentials, scheme="Basic "):
    return {"Authorization": scheme + base64.b64encode(credentials).decode()}


@pytest.mark.parametrize("place", [Place.BASIC, Place.OAUTH])
@pytest.mark.parametrize(
    ("headers", "credentials"),
    [
        (basic(b"ana:pw"), [(b"ana", b"pw"), (b"ana", b"pw")]),
        (basic(b"ana:pw", "bASIC   "), [(b"ana", b"pw"), (b"ana", b"pw")]),
        (basic(b":"), [(b"", b""), (b"", b"")]),
        (basic(b"ana:p:w"), [(b"ana", b"p:w"), (b"ana", b"p:w")]),
        # Form-encoded, as RFC 6749 has it, or not.
        (basic(b"a+%C3%B1:p+w%25"), [(b"a+%C3%B1", b"p+w%25"), ("a ñ".encode(), b"p w%")]),
        (basic(b"ana"), []),
        (basic(b"ana:pw", "Bearer "), []),
        (basic(b"ana:pw", ""), []),
        ({"Authorization": "Basic"}, []),
        ({"Authorization": "Basic YW5hOnB"}, []),
        ({"Authorization": "Basic YW5h!OnB3"}, []),
        ({"Authorization": "Basic ñ"}, []),
    ],
)
def test_http_basic(place, headers, credentials):
    assert find(place, headers) == credentials


@pytest.mark.parametrize(
    ("place", "headers", "fields", "credentials"),
    [
        (Place.BASIC, None, BODY, []),
        (Place.BODY, None, BODY, [(b"ana", b"pw")]),
        (Place.BODY, None, {"client_secret": "\ud800"}, [(b"", b"\xed\xa0\x80")]),
        (Place.BODY, None, {"client_id": "ana", "client_secret": 5}, []),
        (Place.BODY, HEADERS, None, []),
        (Place.HEADERS, HEADERS, None, [(b"eva", "ñ".encode("iso-8859-1"))]),
        (Place.HEADERS, {"client-secret": "pw"}, None, [(b"", b"pw")]),
        (Place.HEADERS, {"client-id": "eva"}, None, []),
        (Place.HEADERS, None, BODY, []),
        (Place.ANYWHERE, None, BODY, [(b"ana", b"pw")]),
        (Place.ANYWHERE, HEADERS, None, [(b"eva", "ñ".encode("iso-8859-1"))]),
        (Place.ANYWHERE, HEADERS, {"client-id": "ana"}, [(b"ana", "ñ".encode("iso-8859-1"))]),
        (Place.ANYWHERE, HEADERS, {"client-secret": "pw"}, [(b"eva", b"pw")]),
        (Place.OAUTH, None, BODY, [(b"ana", b"pw")]),
        (Place.OAUTH, {"Authorization": "Bearer x"}, {"client-id": "ana", "client-secret": "pw"}, []),
        (Place.OAUTH, HEADERS, None, []),
    ],
)
def test_places(place, headers, fields, credentials):
    assert find(place, headers, fields) == credentials


def test_a_path_leads_to_a_field():
    fields = {"auth": {"user": "ana", "pw": "a"}, "auth.pw": "b"}
    assert PLACES[Place.BODY].find({}, fields, ("auth.user", "auth.pw")) == [(b"ana", b"b")]


def test_a_401_names_http_basic_where_it_is_taken():
    assert {place for place, found in PLACES.items() if found.has_challenge} == {Place.OAUTH, Place.BASIC}
