"""Each role at each page of the admin and of the API: what it may do, and nothing else."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import NoReverseMatch, reverse

from console.modeladmin import ReadOnlyAdmin
from console.models import SavedView
from tests import payloads
from tests.factories import UserFactory
from webhooks.auth import access_tokens
from webhooks.models import AccessToken, Event, Source

PAGES = sorted(f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry)
SUPPORT = {
    "orders_job",
    *(f"chat_{name}" for name in ("conversation", "message", "contact", "ticket", "group", "campaignreport")),
}
WEBHOOKS = {"webhooks_event", "webhooks_rejection", "webhooks_accesstoken", "webhooks_worker"}
MAY_VIEW = {
    "Support": SUPPORT,
    "Export": SUPPORT,
    "Integration admin": SUPPORT | {"chat_sharedaddress", "webhooks_source", *WEBHOOKS},
    None: set(),
}
MAY_ADD = {
    "Support": set(),
    "Export": set(),
    "Integration admin": {"chat_sharedaddress", "webhooks_source"},
    None: set(),
}
EXPORTED = {"orders_job", "chat_conversation", "chat_message", "chat_contact", "webhooks_event", "webhooks_rejection"}
MAY_EXPORT = {
    "Support": set(),
    "Export": EXPORTED & SUPPORT,
    "Integration admin": EXPORTED,
    None: set(),
}
LISTS = sorted(
    f"{model._meta.app_label}_{model._meta.model_name}"
    for model, model_admin in admin.site._registry.items()
    if isinstance(model_admin, ReadOnlyAdmin)
)


@pytest.fixture(params=list(MAY_VIEW), ids=["support", "export", "integration-admin", "no-role"])
def role(request, client, db):
    user = UserFactory()
    if request.param:
        user.groups.add(Group.objects.get(name=request.param))
    client.force_login(user)
    return request.param


@pytest.fixture
def stored(source_of, post, process):
    """A row of every kind."""
    for provider in payloads.SIGNED:
        source = source_of(provider)
        for name in payloads.SIGNED[provider]:
            if not name.startswith("life-") or "chat" in name:
                post(name, to=source)
    process()


@pytest.mark.parametrize("page", PAGES)
def test_lists_and_forms(client, role, page):
    status = client.get(reverse(f"admin:{page}_changelist")).status_code
    assert status == (200 if page in MAY_VIEW[role] else 403)
    status = client.get(reverse(f"admin:{page}_add")).status_code
    assert status == (200 if page in MAY_ADD[role] else 403)


def test_exports(client, role):
    for page in EXPORTED:
        may = page in MAY_EXPORT[role]
        answer = client.post(reverse(f"admin:{page}_export"))
        assert answer.status_code == (200 if may else 403), page
        assert not may or b"".join(answer.streaming_content).startswith(b"\xef\xbb\xbf")
        if page in MAY_VIEW[role]:
            listed = client.get(reverse(f"admin:{page}_changelist")).content.decode()
            assert (reverse(f"admin:{page}_export") in listed) == may, page


def test_the_walk_has_each_list_that_is_exported():
    assert {page for page in LISTS if _has_page(f"{page}_export")} == EXPORTED


def _has_page(name):
    try:
        return bool(reverse(f"admin:{name}"))
    except NoReverseMatch:
        return False


def test_views_of_lists(client, role):
    for page in LISTS:
        answer = client.post(reverse(f"admin:{page}_view"), {"name": "Mine", "query": "q=x", "is_shared": "on"})
        assert answer.status_code == (302 if page in MAY_VIEW[role] else 403), page
    saved = list(SavedView.objects.values_list("name", "is_shared"))
    assert saved == [("Mine", role == "Integration admin")] * len(MAY_VIEW[role] & set(LISTS))


def test_rows(client, role, stored):
    seen = set()
    for model in admin.site._registry:
        page = f"{model._meta.app_label}_{model._meta.model_name}"
        for row in model.objects.all()[:1]:
            seen.add(page)
            for action in ("change", "history"):
                status = client.get(reverse(f"admin:{page}_{action}", args=[row.pk])).status_code
                assert status == (200 if page in MAY_VIEW[role] else 403), (page, action)
            # A source that has events is disabled instead.
            may_delete = page in MAY_ADD[role] and not (page == "webhooks_source" and row.events.exists())
            status = client.get(reverse(f"admin:{page}_delete", args=[row.pk])).status_code
            assert status == (200 if may_delete else 403), page
    assert seen >= SUPPORT | {"webhooks_source", "webhooks_event"}


# The pages of a source other than its form: the data that is posted to each, and the status of the response.
OF_A_SOURCE = {
    "hand_over": (None, 200),
    "postman": (None, 404),  # it signs
    "secret": ({"retire_after": "24"}, 302),
    "end_previous": ({}, 302),
    "revoke_tokens": ({}, 302),
    "change_preview": ({}, 200),
    "test_event": ({"type": ""}, 200),
}


@pytest.mark.parametrize("page", OF_A_SOURCE)
def test_pages_of_a_source(client, role, source, page, settings, tmp_path):
    settings.DATA_DIR, settings.BASE_URL = tmp_path, "http://localhost:9"  # so that a test event goes nowhere
    posted, status = OF_A_SOURCE[page]
    arguments = [source.pk, source.secrets.get().pk] if page == "secret" else [source.pk]
    url = reverse(f"admin:webhooks_source_{page}", args=arguments)
    answer = client.get(url) if posted is None else client.post(url, posted)
    assert answer.status_code == (status if role == "Integration admin" else 403)


@pytest.mark.parametrize("page", ["replay", "conflict"])
def test_pages_of_an_event(client, role, source, post, page):
    for comment in ("one", "two"):
        post(payloads.sample(job={"job_comment": comment}))
    event = Event.objects.get(conflict_of__isnull=page == "replay")
    url = reverse(f"admin:webhooks_event_{page}", args=[event.pk])
    assert client.get(url).status_code == (200 if role == "Integration admin" else 403)
    posted = {"decision": "apply"} if page == "conflict" else {}
    assert client.post(url, posted).status_code == (302 if role == "Integration admin" else 403)


def test_the_walk_has_each_page_of_a_source():
    names = {pattern.name for pattern in admin.site._registry[Source].get_urls() if pattern.name}
    own = {name.removeprefix("webhooks_source_") for name in names} - {
        "changelist",
        "view",
        "add",
        "change",
        "delete",
        "history",
    }
    assert own == set(OF_A_SOURCE)


def test_the_list_of_people_says_what_each_may(client, ivo):
    client.force_login(ivo)
    support = UserFactory(username="ana")
    support.groups.add(Group.objects.get(name="Support"))
    UserFactory(username="eve")
    UserFactory(username="mallory", is_active=False)

    def people(query=""):
        page = client.get(f"/admin/auth/user/?{query}").content.decode()
        rows = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL)]
        names = ("ana", "eve", "ivo", "mallory")
        return {name: row for row in rows for name in names if row.startswith(f"{name} ")}

    found = people()
    assert "Support Off never" in found["ana"]
    assert "In no group" in found["eve"]
    assert "Superuser" in found["ivo"]
    assert "Login disabled" in found["mallory"]
    assert people(f"group={support.groups.get().pk}").keys() == {"ana"}
    assert people("group=x") == {}
    assert people("login=superusers").keys() == {"ivo"}
    assert people("login=without").keys() == {"ana", "eve", "ivo"}
    assert people("login=no").keys() == {"mallory"}
    assert people("q=mal").keys() == {"mallory"}
    assert ">1</a>" in client.get("/admin/auth/group/").content.decode()


def test_the_action_on_tokens(client, role, source_of):
    source = source_of("instaleap", auth_mode="dynamic_token")
    access_tokens.issue(source.pk, source.secrets.get().pk, 60, None)
    url = reverse("admin:webhooks_accesstoken_changelist")
    client.post(url, {"action": "revoke", "_selected_action": AccessToken.objects.get().pk})
    assert (AccessToken.objects.get().revoked_at is not None) == (role == "Integration admin")


def test_api(client, role, stored):
    assert client.get("/api/jobs/").status_code == (200 if role else 403)


def test_support_sees_no_word_of_webhooks(client, stored):
    user = UserFactory()
    user.groups.add(Group.objects.get(name="Support"))
    client.force_login(user)
    job = reverse("admin:orders_job_changelist")
    for url in ("/admin/", job):
        page = client.get(url).content.decode()
        assert "/admin/webhooks/" not in page
        assert "/admin/auth/" not in page


def test_migrating_again_changes_nothing(db):
    def permissions():
        return {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}

    before = permissions()
    assert set(before) == {"Support", "Export", "Integration admin"}
    call_command("migrate", verbosity=0)
    assert permissions() == before
