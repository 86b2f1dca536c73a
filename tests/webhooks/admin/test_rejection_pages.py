"""A rejection's page: what would have been right, where it is mended, what came, and what was refused like it."""

import re
from html import unescape

import pytest
from django.urls import reverse

from tests import payloads
from webhooks.models import Rejection, Source

SIGN = {"InstaLeap-Signature": "0" * 64}


@pytest.fixture
def page(client, ivo):
    client.force_login(ivo)

    def page(rejection):
        answer = client.get(reverse("admin:webhooks_rejection_change", args=[rejection.pk]))
        content = answer.content.decode()
        return content[content.index('id="rejection"') :]

    return page


@pytest.fixture
def refused(client, source):
    """Return a function that has a request refused, and returns what was kept of it."""

    def refused(body=b"{}", headers=SIGN, url=None, method="post", **extra):
        sent = {"data": body, "content_type": "application/json"} if method == "post" else {}
        getattr(client, method)(url or source.get_webhook_path(), **sent, headers=headers, **extra)
        return Rejection.objects.latest("id")

    return refused


def words(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def no_proof(source):
    return {"headers": {}}


def wrong_proof(source):
    return {"body": payloads.body(payloads.SAMPLE)}


def stale_proof(source):
    chat = next(name for name, (header, _) in payloads.SIGNED["instaleap"].items() if header.endswith("V3"))
    return {"body": payloads.body(chat), "headers": dict([payloads.SIGNED["instaleap"][chat]])}


def wrong_network(source):
    Source.objects.update(allowed_networks="192.0.2.0/24")
    return {}


def not_json(source):
    return {"body": b"{"}


def no_envelope(source):
    return {"body": b'{"job": {}}'}


def source_disabled(source):
    Source.objects.update(state="disabled")
    return {}


def method_not_allowed(source):
    return {"method": "get"}


def unknown_source(source):
    return {"url": "/webhooks/instalep/"}


def no_tokens(source):
    return {"url": "/webhooks/instaleap/token/"}


@pytest.mark.parametrize(
    ("cause", "right", "anchor"),
    [
        (no_proof, "InstaLeap-Signature: {hex}, where {hex} is the HMAC-SHA256, in hexadecimal, of", "#secrets"),
        (wrong_proof, "Made with a live secret of this source: ", "#secrets"),
        (stale_proof, "at most 300 seconds away", "#id_signature_tolerance"),
        (wrong_network, "A request from 192.0.2.0/24.", "#id_allowed_networks"),
        (not_json, "A body that is JSON in UTF-8", "#hand-over"),
        (no_envelope, "For InstaLeap-Signature: id, created_at, type in the payload, as text.", ""),
        (source_disabled, "has to be active or paused", "#id_state"),
        (method_not_allowed, "POST http://localhost", "#hand-over"),
        (unknown_source, "The URL of an existing source", "/change/"),
        (no_tokens, "whose authentication is a dynamic token", "#id_auth_mode"),
    ],
)
def test_says_what_would_have_been_right_and_leads_to_where_it_is_mended(
    source, refused, page, client, cause, right, anchor
):
    rejection = refused(**cause(source))
    assert rejection.code == cause.__name__
    shown = page(rejection)
    assert right in words(shown)
    assert payloads.SECRET not in shown
    if anchor:
        link = re.search(r'class="desk-button desk-primary"\s+href="([^"]+)"', shown)[1]
        assert link.endswith(anchor)
        there = client.get(link).content.decode()
        if anchor.startswith("#"):
            assert f'id="{anchor[1:]}"' in there


def test_a_token_that_is_refused_leads_to_the_credentials(source_of, refused, page):
    source = source_of("instaleap", slug="dyn", auth_mode="dynamic_token")
    rejection = refused(b"{}", {}, "/webhooks/dyn/token/")
    shown = words(page(rejection))
    assert "grant_type=client_credentials" in shown
    assert "The body of a token request is not stored" in shown
    assert "Authorization: Bearer, followed by a token from this source" in words(page(refused(url="/webhooks/dyn/")))
    assert source.secrets.get().fingerprint in words(page(refused(url="/webhooks/dyn/")))


def test_counts_what_was_refused_for_the_same_reason(refused, page):
    rejections = [refused() for _ in range(3)]
    refused(headers={})
    shown = page(rejections[1])
    assert "3 in the last 90 days at this source" in words(shown)
    assert re.findall(r'rel="(prev|next)" href="[^"]*/(\d+)/change/"', shown) == [
        ("prev", str(rejections[0].pk)),
        ("next", str(rejections[2].pk)),
    ]
    assert shown.count("this one") == 1


def test_what_came_is_shown_and_handed_out_as_far_as_it_is_kept(refused, page, client):
    body = b'{"a": "' + b"<b>" * 10_000 + b'"}'
    rejection = refused(body)
    shown = page(rejection)
    assert "only the first 16.0\xa0KB are stored" in words(shown).replace("16.0 KB", "16.0\xa0KB")
    assert "<b>" not in shown
    assert "Unterminated" not in shown
    answer = client.get(reverse("admin:webhooks_rejection_body", args=[rejection.pk]))
    assert answer.content == body[: 16 * 1024]
    assert answer["Content-Type"] == "application/octet-stream"


def test_the_page_costs_a_bounded_number_of_queries(refused, page, django_assert_max_num_queries):
    rejections = [refused() for _ in range(12)]
    with django_assert_max_num_queries(25):
        page(rejections[5])
