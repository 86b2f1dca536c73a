import pytest
from django.core.exceptions import ValidationError

from webhooks import deep_links


@pytest.mark.parametrize(
    "template",
    [
        "https://shop.example/orders/{job_id}",
        "http://localhost:3000/?order={client_reference}&chat={conversation_id}#top",
        "https://shop.example/orders",
    ],
)
def test_takes(template):
    deep_links.validate_link_template(template)


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("javascript:alert({job_id})", "begins with https://"),
        ("/orders/{job_id}", "begins with https://"),
        ("https:///orders", "begins with https://"),
        ("ftp://shop.example/{job_id}", "begins with https://"),
        ("https://[", "begins with https://"),
        ("https://shop.example/{job}", "{job} is an unknown placeholder; known are {job_id}, {client_reference}"),
        ("https://shop.example/{job_id.__class__}", "is an unknown placeholder"),
        ("https://shop.example/{}", "is an unknown placeholder"),
        ("https://shop.example/{job_id", "an unmatched brace"),
        ("https://shop.example/my orders/{job_id}", "or a space"),
        ("https://{job_id}.shop.example/", "The host name must not contain a placeholder"),
    ],
)
def test_refuses(template, reason):
    with pytest.raises(ValidationError) as refused:
        deep_links.validate_link_template(template)
    assert reason in refused.value.messages[0]


def test_what_a_provider_sent_cannot_leave_its_place():
    link = deep_links.build_link("https://shop.example/orders/{job_id}?a=1", job_id="../x?b=2#c&\u202e")
    assert link == "https://shop.example/orders/..%2Fx%3Fb%3D2%23c%26%E2%80%AE?a=1"


def test_there_is_none_where_a_value_is_missing():
    assert deep_links.build_link("https://shop.example/{job_id}", job_id="") == ""
    assert deep_links.build_link("https://shop.example/{job_id}", client_reference="1") == ""
    assert deep_links.build_link("", job_id="1") == ""
