"""The form in which an integration admin makes and changes a source."""

import pytest

from tests import payloads
from webhooks.auth import live_sources
from webhooks.models import Source

GOOD = {
    "name": "OneRoute Mexico",
    "provider": "oneroute",
    "slug": "oneroute-mexico",
    "environment": "production",
    "state": "active",
    "auth_mode": "signature",
    "new_secret": payloads.SECRET,
    "allowed_networks": "",
    "auth_header": "",
    "token_prefix": "",
    "signature_tolerance": "300",
    "deep_link": "https://shop.example/orders/{job_id}",
}


@pytest.fixture
def add(client, ivo):
    client.force_login(ivo)
    url = "/admin/webhooks/source/add/"

    def add(**changes):
        form = client.get(url).context["adminform"].form
        shown = {name: form[name].value() or "" for name in form.fields}
        answer = client.post(url, shown | GOOD | changes)
        return answer.context["adminform"].form.errors.get_json_data() if answer.status_code == 200 else None

    return add


def test_a_new_source_begins_with_the_networks_that_its_provider_names(add):
    assert add() is None
    assert Source.objects.get().allowed_networks == "174.138.104.128"


def test_networks_that_are_written_down_are_kept(add):
    assert add(allowed_networks="203.0.113.0/24") is None
    assert Source.objects.get().allowed_networks == "203.0.113.0/24"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("deep_link", "javascript:alert(1)", "Enter a URL that begins with https:// and a host name."),
        ("deep_link", "https://shop.example/{order}", "{order} is an unknown placeholder"),
        (
            "allowed_networks",
            "174.138.104.128\n300.0.0.1",
            "“300.0.0.1” is not an address or a network. Enter one per line, as in 192.0.2.0/24.",
        ),
        ("allowed_networks", "192.0.2.1/24", "“192.0.2.1/24” is one address of the network 192.0.2.0/24."),
        ("auth_header", "x-DocsSmith Demo2-signature", "Enter a valid name of an HTTP header"),
        ("auth_mode", "static_token", "OneRoute does not offer this."),
        ("provider", "", "This field is required."),
        ("provider", "pigeons", "Select a valid choice."),
        ("slug", "-x", "Begin with a lowercase letter or a digit."),
        ("new_secret", " \u200b", "Paste or generate a secret for the authentication “Signature”"),
    ],
)
def test_says_what_is_wrong_with_a_field(add, field, value, message):
    errors = add(**{field: value})

    assert set(errors) == {field}
    assert message in errors[field][0]["message"]
    assert not Source.objects.exists()


def test_a_header_of_ones_own_needs_a_provider_that_signs_in_one(add):
    errors = add(provider="instaleap", auth_header="X-Signed")
    assert "InstaLeap signs in more than one header" in errors["auth_header"][0]["message"]


def test_the_name_of_a_header_is_trimmed(add):
    add(auth_header=" X-Signed\n")
    assert Source.objects.get().auth_header == "X-Signed"


def test_nothing_that_holds_a_secret_shows_it(add):
    add()
    secret = Source.objects.get().secrets.get()
    for holder in (secret, live_sources.get("oneroute-mexico"), live_sources.get("oneroute-mexico").secrets[0]):
        assert payloads.SECRET not in repr(holder)


def test_the_page_shows_what_to_hand_over_and_no_secret(add, client):
    add(auth_header="X-Signed")
    page = client.get(f"/admin/webhooks/source/{Source.objects.get().pk}/change/").content.decode()
    assert "/webhooks/oneroute-mexico/" in page
    assert "X-Signed" in page
    assert payloads.SECRET not in page
