"""Pages that keep themselves up to date: who has a version already is told so, and nobody else."""

import pytest
from django.test import RequestFactory
from django.utils import timezone, translation

from config import live
from tests.factories import UserFactory


def page(path="/admin/orders/job/1/change/", user="ana", etag=None):
    request = RequestFactory().get(path, headers={"If-None-Match": etag} if etag else {})
    request.user = UserFactory.build(pk={"ana": 1, "ivo": 2}[user])
    return request


@pytest.fixture(autouse=True)
def _within_a_minute(monkeypatch):
    monkeypatch.setattr(live.time, "time", lambda: 1_795_571_000.0)


def test_who_has_this_version_is_told_so():
    etag = live.Live("7").etag(page())
    assert live.not_modified(page(etag=etag), live.Live("7")).status_code == 304
    assert live.not_modified(page(), live.Live("7")) is None
    assert live.not_modified(page(etag=etag), None) is None


@pytest.mark.parametrize(
    ("request_", "version"),
    [
        ({}, live.Live("8")),
        ({}, live.Live("7", seconds=0)),
        ({"user": "ivo"}, live.Live("7")),
        ({"path": "/admin/orders/job/1/change/?before=3"}, live.Live("7")),
    ],
    ids=["newer", "over", "somebody else's", "another part of it"],
)
def test_what_would_look_otherwise_is_another_version(request_, version):
    assert live.not_modified(page(**request_, etag=live.Live("7").etag(page())), version) is None


def test_another_language_time_zone_and_minute_are_other_versions(monkeypatch):
    etag = live.Live("7").etag(page())
    with translation.override("es"):
        assert live.Live("7").etag(page()) != etag
    with timezone.override("America/Bogota"):
        assert live.Live("7").etag(page()) != etag
    monkeypatch.setattr(live.time, "time", lambda: 1_795_571_060.0)
    assert live.Live("7").etag(page()) != etag
