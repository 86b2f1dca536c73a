"""Rotating a secret on the source's page: no event is lost, and the page says when the old one may go."""

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from tests import payloads
from webhooks.auth import live_sources
from webhooks.models import Secret

NEW = "the-new-secret"


@pytest.fixture
def rotate(client, ivo, source):
    client.force_login(ivo)
    url = f"/admin/webhooks/source/{source.pk}/change/"

    def rotate(**changes):
        form = client.get(url).context["adminform"].form
        data = {name: form[name].value() or "" for name in form.fields}
        answer = client.post(url, data | changes)
        live_sources.clear_source_cache()
        if answer.status_code == 200:
            return answer.content.decode()
        return client.get(url).content.decode()

    return rotate


def test_both_work_for_a_day_and_the_page_says_which_is_used(rotate, post, source):
    post(payloads.sample(id="1"))
    page = rotate(new_secret=f" {NEW}\n", retire_after="24")

    new, old = source.secrets.all()
    assert (new.state, old.state) == (Secret.State.ACTIVE, Secret.State.RETIRING)
    assert 86_000 < (old.retires_at - timezone.now()).total_seconds() < 86_401
    assert "Needed: no newer one has been used." in page
    assert NEW not in page

    assert post(payloads.sample(id="2"), secret=NEW).status_code == 200
    assert "Can be revoked: a newer one has been used since." in rotate()
    assert post(payloads.sample(id="3")).status_code == 200
    assert "Still in use: the provider has not switched to the newer one." in rotate()


def test_the_old_one_stops_at_its_time_without_a_job(rotate, post, source):
    rotate(new_secret=NEW, retire_after="1")
    source.secrets.filter(state="retiring").update(retires_at=timezone.now())
    live_sources.clear_source_cache()

    assert post(payloads.sample(id="1")).status_code == 401
    assert post(payloads.sample(id="2"), secret=NEW).status_code == 200


@pytest.mark.parametrize(("choice", "status"), [("0", 401), ("", 200), ("168", 200)])
def test_the_old_secret_stops_at_once_or_stays_valid(rotate, post, choice, status):
    rotate(new_secret=NEW, retire_after=choice)
    assert post(payloads.sample()).status_code == status


def test_an_empty_field_changes_nothing(rotate, source):
    before = list(source.secrets.values())
    rotate(retire_after="0")
    assert list(source.secrets.values()) == before


def test_the_history_names_fingerprints_and_no_secret(rotate, source):
    rotate(new_secret=NEW, retire_after="0")

    said = LogEntry.objects.get().get_change_message()
    new, old = source.secrets.all()
    assert f"{new.fingerprint} (active)" in said
    assert f"{old.fingerprint} (revoked)" in said
    assert NEW not in said
    assert payloads.SECRET not in said
