"""Live pages: a browser that has the version gets 304, and no other."""

import pytest
from django.test import RequestFactory
from django.utils import timezone, translation

from console import live_updates
from tests.factories import UserFactory


def page(path="/admin/orders/job/1/change/", user="ana", etag=None):
    request = RequestFactory().get(path, headers={"If-None-Match": etag} if etag else {})
    request.user = UserFactory.build(pk={"ana": 1, "ivo": 2}[user])
    return request


@pytest.fixture(autouse=True)
def _within_a_minute(monkeypatch):
    monkeypatch.setattr(live_updates.time, "time", lambda: 1_795_571_000.0)


def test_a_client_with_the_current_version_gets_not_modified():
    etag = live_updates.Live("7").etag(page())
    assert live_updates.not_modified(page(etag=etag), live_updates.Live("7")).status_code == 304
    assert live_updates.not_modified(page(), live_updates.Live("7")) is None
    assert live_updates.not_modified(page(etag=etag), None) is None


@pytest.mark.parametrize(
    ("request_", "version"),
    [
        ({}, live_updates.Live("8")),
        ({}, live_updates.Live("7", seconds=0)),
        ({"user": "ivo"}, live_updates.Live("7")),
        ({"path": "/admin/orders/job/1/change/?before=3"}, live_updates.Live("7")),
    ],
    ids=["newer", "over", "somebody else's", "another part of it"],
)
def test_what_would_look_otherwise_is_another_version(request_, version):
    assert live_updates.not_modified(page(**request_, etag=live_updates.Live("7").etag(page())), version) is None


def test_another_language_time_zone_and_minute_are_other_versions(monkeypatch):
    etag = live_updates.Live("7").etag(page())
    with translation.override("es"):
        assert live_updates.Live("7").etag(page()) != etag
    with timezone.override("America/Bogota"):
        assert live_updates.Live("7").etag(page()) != etag
    monkeypatch.setattr(live_updates.time, "time", lambda: 1_795_571_060.0)
    assert live_updates.Live("7").etag(page()) != etag
