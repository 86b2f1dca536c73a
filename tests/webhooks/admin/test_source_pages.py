"""What an integration admin does on a source's page in addition to filling in its form."""

import html
import json
import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from tests import payloads
from tests.factories import SecretFactory, SourceFactory
from webhooks.auth import live_sources
from webhooks.models import Event, Secret, Source, Worker
from webhooks.onboarding import test_events


@pytest.fixture
def page(client, ivo):
    client.force_login(ivo)

    def page(name, *arguments, **posted):
        url = reverse(f"admin:webhooks_source_{name}", args=arguments)
        answer = client.post(url, posted, follow=True) if posted else client.get(url)
        live_sources.clear_source_cache()
        return answer

    page.client = client
    return page


@pytest.fixture
def save(client, ivo):
    """Send a source's form as it is shown, but for these changes."""
    client.force_login(ivo)

    def save(source=None, **changes):
        url = reverse("admin:webhooks_source_change", args=[source.pk]) if source else "/admin/webhooks/source/add/"
        form = client.get(url).context["adminform"].form
        shown = {name: form[name].value() or "" for name in form.fields if name != "make_secret"}
        answer = client.post(url, shown | changes, follow=True)
        live_sources.clear_source_cache()
        return answer

    return save


def errors(answer):
    return str(answer.context["adminform"].form.errors) if "adminform" in (answer.context or {}) else ""


# A secret that is made here


def test_a_made_secret_is_shown_once_and_works(save, client, post):
    answer = save(name="Mine", slug="mine", provider="tawk", make_secret="on")
    shown = re.search(r'class="desk-secret">([^<]+)<', answer.content.decode())[1]
    assert len(shown) == 43
    assert "no-store" in answer["Cache-Control"]
    source = Source.objects.get(slug="mine")
    assert source.secrets.get().value == shown
    assert shown not in client.get(reverse("admin:webhooks_source_change", args=[source.pk])).content.decode()
    assert shown not in str(list(LogEntry.objects.values()))
    assert post({"event": "x"}, to=source, secret=shown).status_code == 200


def test_a_form_that_is_sent_twice_adds_one_secret(save, client, source):
    url = reverse("admin:webhooks_source_change", args=[source.pk])
    form = client.get(url).context["adminform"].form
    shown = {name: form[name].value() or "" for name in form.fields} | {"make_secret": "on"}
    assert "desk-secret" in client.post(url, shown).content.decode()
    again = client.post(url, shown)
    assert "A secret was added to this source since this page was opened" in again.content.decode()
    assert source.secrets.count() == 2


def test_one_either_pastes_or_has_one_made(save, source):
    assert "Either paste a secret or generate one." in errors(save(source, new_secret="x", make_secret="on"))
    assert source.secrets.count() == 1


def test_a_secret_that_is_there_is_not_added_again(save, source):
    assert "This source has this secret already" in errors(save(source, new_secret=payloads.SECRET))
    source.secrets.get().revoke()
    assert not errors(save(source, new_secret=payloads.SECRET))


def test_a_blank_within_is_kept_and_warned_about_and_those_around_are_trimmed(save, source):
    page = save(source, new_secret="\u200b two words\ufeff\n").content.decode()
    assert source.secrets.first().value == "two words"
    assert "The secret contains whitespace." in page


# How long a secret goes on


@pytest.mark.parametrize(
    ("choice", "state", "hours"),
    [("24", "retiring", 24), ("168", "retiring", 168), ("", "active", None), ("0", "revoked", None)],
)
def test_a_secret_is_retired_extended_or_revoked(page, source, post, choice, state, hours):
    secret = source.secrets.get()
    secret.retire(timezone.now() + timedelta(hours=1))
    answer = page("secret", source.pk, secret.pk, retire_after=choice)
    secret.refresh_from_db()
    assert secret.state == state
    if hours:
        assert abs(secret.retires_at - timezone.now() - timedelta(hours=hours)) < timedelta(minutes=1)
    assert post(payloads.sample()).status_code == (401 if choice == "0" else 200)
    assert f"Secret {secret.fingerprint}: " in answer.content.decode()
    assert secret.fingerprint in LogEntry.objects.latest("id").change_message


def test_a_revoked_secret_stays_revoked(page, source):
    secret = source.secrets.get()
    secret.revoke()
    assert (
        "It was revoked, which cannot be undone."
        in page("secret", source.pk, secret.pk, retire_after="24").content.decode()
    )
    secret.refresh_from_db()
    assert secret.state == "revoked"


def test_says_how_often_a_secret_was_used(page, source, post):
    for number in range(3):
        post(payloads.sample(id=str(number)))
    uses = page("change", source.pk).context["secrets"]
    assert [use.used_in_last_day.number for use in uses] == [3]


# Another authentication


def test_after_another_authentication_the_previous_one_stays_valid_for_its_time(save, page, source, post, client):
    save(source, auth_mode="static_token", auth_header="X-Shop", new_secret="the token")
    source.refresh_from_db()
    assert str(source.previous_auth) == "Signature"
    assert post(payloads.sample(id="1")).status_code == 200
    by_token = {"data": payloads.body(payloads.SAMPLE), "content_type": "application/json"}
    assert client.post(source.get_webhook_path(), **by_token, headers={"X-Shop": "the token"}).status_code == 200
    shown = " ".join(page("change", source.pk).content.decode().split())
    assert "The previous authentication, Signature, remains valid until" in shown

    assert "Ended: Signature." in page("end_previous", source.pk, end="now").content.decode()
    assert post(payloads.sample(id="2")).status_code == 401
    assert client.post(source.get_webhook_path(), **by_token, headers={"X-Shop": "the token"}).status_code == 200


def test_the_one_until_now_ends_at_its_time_without_a_job(save, source, post):
    save(source, auth_mode="static_token", new_secret="the token", retire_after="1")
    Source.objects.update(previous_ends_at=timezone.now())
    live_sources.clear_source_cache()
    assert post(payloads.sample()).status_code == 401


def test_the_one_until_now_can_end_at_once(save, source, post):
    save(source, auth_mode="static_token", new_secret="the token", retire_after="0")
    source.refresh_from_db()
    assert source.previous_auth is None
    assert post(payloads.sample()).status_code == 401


def test_after_another_header_or_prefix_the_previous_one_stays_valid_for_its_time(save, source_of, client):
    source = source_of("instaleap", slug="t", auth_mode="static_token", auth_header="X-A")
    save(source, auth_header="X-B", token_prefix="Bearer")
    secret = payloads.SECRET.encode().decode("iso-8859-1")
    for headers in ({"X-A": secret}, {"X-B": f"Bearer {secret}"}):
        answer = client.post("/webhooks/t/", b"{}", content_type="application/json", headers=headers)
        assert answer.status_code == 200


def test_another_authentication_needs_a_secret_of_its_own(save, source):
    answer = save(source, auth_mode="dynamic_token")
    assert "Paste or generate a secret for the authentication “Dynamic token”" in errors(answer)
    source.refresh_from_db()
    assert source.auth_mode == "signature"
    save(source, auth_mode="dynamic_token", new_secret="client secret", retire_after="")
    answer = save(source, auth_mode="signature")
    assert not errors(answer), "The signature's secret is still there."


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("fixed_fields", "[]", "Enter a JSON object"),
        ("fixed_fields", '{"access_token": 1}', "access_token already exists."),
        ("fixed_fields", '{"data": 1}', "data.token leads through data, which is not an object."),
        ("fixed_fields", "{", "Enter a valid JSON."),
        ("token_field", "a..b", "Enter the names of keys with dots between them"),
        ("client_secret_name", "client_id", "Both cannot have the same name."),
        ("client_id", "a:b", "a client ID cannot contain a colon"),
        ("token_lifetime", "1", "greater than or equal to 60"),
        ("token_formats", [], "This field"),
    ],
)
def test_a_token_endpoint_that_makes_no_sense_is_not_saved(save, source_of, field, value, message):
    source = source_of("instaleap", auth_mode="dynamic_token")
    changes = {field: value} | ({"token_field": "data.token"} if "data" in str(value) else {})
    assert message in html.unescape(errors(save(source, **changes)))


# Preview of a change


@pytest.fixture
def preview(client, page, source):
    form = page("change", source.pk).context["adminform"].form

    def preview(**changes):
        shown = {name: form[name].value() or "" for name in form.fields}
        url = reverse("admin:webhooks_source_change_preview", args=[source.pk])
        answer = client.post(url, shown | changes).content.decode()
        return " ".join(re.sub(r"<[^>]+>", "", answer).split())

    return preview


def test_says_how_many_of_the_last_requests_would_have_passed(preview, post, source):
    for number in range(3):
        post(payloads.sample(id=str(number)))
    for number in range(2):
        post(payloads.sample(id=str(number)), secret="the new one")
    assert preview() == "The authentication does not change."
    start = "The last 5 requests (3 accepted, 2 rejected): "
    assert preview(new_secret="the new one") == start + "5 would pass."
    assert preview(new_secret="another").startswith(start + "3 would pass, 2 would be rejected.")
    assert preview(allowed_networks="192.0.2.1").startswith(start + "0 would pass, 5 would be rejected.")
    assert preview(allowed_networks="nonsense").startswith("“nonsense” is not an address or a network.")
    assert preview(auth_mode="static_token").startswith(start + "0 would pass, 5 would be rejected.")
    assert "The new endpoint cannot have issued a token yet." in preview(auth_mode="dynamic_token")
    assert Secret.objects.count() == 1


def test_a_token_that_already_comes_with_the_signature_is_found(preview, post):
    post(payloads.sample(id="1"), headers={"Authorization": "Bearer soon"})
    post(payloads.sample(id="2"), headers={"X-Shop": "soon"})
    said = preview(auth_mode="static_token", token_prefix="Bearer", new_secret="soon")
    assert said.startswith("The last 2 requests (2 accepted, 0 rejected): 1 would pass, 1 would be rejected.")
    said = preview(auth_mode="static_token", auth_header="X-Shop", new_secret="soon")
    assert "1 would pass," in said


@pytest.mark.parametrize("provider", sorted(payloads.SIGNED))
def test_every_signature_can_be_checked_from_its_fingerprint(source_of, post, page, client, provider):
    source = source_of(provider, slug="other")
    names = [name for name in payloads.SIGNED[provider] if not name.startswith("life-")]
    source.secrets.all().delete()
    SecretFactory(source=source, value="a wrong one")
    live_sources.clear_source_cache()
    for name in names:
        assert post(name, to=source).status_code == 401
    form = page("change", source.pk).context["adminform"].form
    shown = {name: form[name].value() or "" for name in form.fields} | {"new_secret": payloads.SECRET}
    said = client.post(reverse("admin:webhooks_source_change_preview", args=[source.pk]), shown).content.decode()
    assert f"(0 accepted, {len(names)} rejected): {len(names)} would pass." in " ".join(said.split())


# Hand-over


def test_the_sheet_says_everything_but_the_secret(page, source_of):
    source = source_of("instaleap", slug="dyn", auth_mode="dynamic_token", token_field="data.token")
    sheet = page("hand_over", source.pk).content.decode()
    for word in (
        "/webhooks/dyn/",
        "/webhooks/dyn/token/",
        "client_id=dyn",
        "grant_type=client_credentials",
        "data.token",
    ):
        assert word in sheet
    assert "Authorization: Bearer &lt;token&gt;" in sheet
    assert payloads.SECRET not in sheet


def test_the_collection_holds_no_secret_and_only_tokens_have_one(page, source_of):
    source = source_of("instaleap", slug="dyn", auth_mode="dynamic_token")
    answer = page("postman", source.pk)
    assert answer["Content-Disposition"] == 'attachment; filename="dyn.postman_collection.json"'
    assert payloads.SECRET not in json.dumps(answer.json(), ensure_ascii=False)
    assert page("postman", source_of("tawk").pk).status_code == 404


def test_a_test_event_that_cannot_be_sent_says_why(page, source, settings, tmp_path):
    settings.DATA_DIR, settings.BASE_URL = tmp_path, "http://localhost:9"
    said = page("test_event", source.pk, type="").content.decode()
    assert "Nothing answers at http://localhost:9/webhooks/instaleap/" in said
    source.secrets.all().delete()
    assert "has no live secret" in page("test_event", source.pk, type="").content.decode()


@pytest.mark.parametrize("provider", sorted(payloads.SIGNED))
def test_whom_a_test_event_is_about_is_called_a_test(source_of, provider):
    story = test_events._story(source_of(provider), seed=1)
    assert "TEST " in json.dumps(story, ensure_ascii=False)


def test_says_first_how_it_does(page, source, post, process):
    post(payloads.sample(id="1"))
    post(payloads.sample(id="1", client_id="another"))
    post(payloads.sample(id="2"), secret="wrong")
    process()
    shown = " ".join(re.sub(r"<[^>]+>", " ", page("change", source.pk).content.decode()).split())
    assert "1 conflict" in shown
    assert re.search(r"Last rejection Invalid credentials [0-9.]+ s ago", shown)
    assert re.search(r"Last event \w[^<]* Conflict [0-9.]+ s ago", shown)


def test_the_list_says_how_each_does(page, source, source_of, post):
    post(payloads.sample(id="1"))
    post(payloads.sample(id="2"), secret="wrong")
    SourceFactory(name="Without a secret")
    source_of("tawk", name="Off", state="disabled")

    def rows(query=""):
        answer = page("changelist") if not query else page.client.get(f"/admin/webhooks/source/?{query}")
        rows = re.findall(r"<tr.*?</tr>", answer.content.decode(), re.DOTALL)
        rows = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]
        return {row.partition(" ")[0]: row for row in rows if "/webhooks/" in row}

    found = rows()
    assert "1 accepted 1 rejected 0 min ago /webhooks/instaleap/" in found["InstaLeap"].replace("\xa0", " ")
    assert "1 alert Has no live secret" in found["Without"]
    assert "tawk.to Disabled – 0 accepted" in found["Off"]
    assert rows("state=disabled").keys() == rows("provider=tawk").keys() == {"Off"}
    assert len(rows("environment=production")) == 3
    assert rows("environment=sandbox") == {}


def test_says_whether_the_workers_keep_up(client, ivo, source, post):
    client.force_login(ivo)

    def shown():
        page = client.get(reverse("admin:webhooks_worker_changelist")).content.decode()
        return " ".join(re.sub(r"<[^>]+>", " ", page).split())

    assert "No worker is running: events are stored and wait." in shown()
    Worker.objects.create(name="here:1")
    Worker.objects.create(name="here:2", seen_at=timezone.now() - timedelta(minutes=1))
    assert "The workers keep up. Running 1 worker" in shown()
    assert re.search(r"here:2 Not responding .*1 min", shown())
    post(payloads.SAMPLE)
    Event.objects.update(received_at=timezone.now() - timedelta(minutes=3))
    assert "The workers are behind." in shown()
    assert re.search(r"Waiting 1 event Oldest waiting event 18\d s", shown())


def test_the_page_costs_a_bounded_number_of_queries(page, source, post, django_assert_max_num_queries):
    for number in range(8):
        SecretFactory(source=source)
        post(payloads.sample(id=str(number)))
        post(payloads.sample(id=str(number)), secret="wrong")
    with django_assert_max_num_queries(25):
        page("change", source.pk)
