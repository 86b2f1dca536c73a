"""Each role at each page of the admin and of the API: what it may do, and nothing else."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse

from tests import payloads
from tests.factories import UserFactory
from webhooks import tokens
from webhooks.models import AccessToken, Event, Source

PAGES = sorted(f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry)
SUPPORT = {
    "orders_job",
    *(f"chat_{name}" for name in ("conversation", "message", "contact", "ticket", "group", "campaignreport")),
}
WEBHOOKS = {"webhooks_event", "webhooks_rejection", "webhooks_accesstoken", "webhooks_worker"}
MAY_VIEW = {
    "Support": SUPPORT,
    "Integration admin": SUPPORT | {"chat_sharedaddress", "webhooks_source", *WEBHOOKS},
    None: set(),
}
MAY_ADD = {"Support": set(), "Integration admin": {"chat_sharedaddress", "webhooks_source"}, None: set()}


@pytest.fixture(params=list(MAY_VIEW), ids=["support", "integration-admin", "no-role"])
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


# The pages of a source beside its form: what is sent to each, and the status that follows.
OF_A_SOURCE = {
    "hand_over": (None, 200),
    "postman": (None, 404),  # it signs
    "secret": ({"go_on": "24"}, 302),
    "end_previous": ({}, 302),
    "revoke_tokens": ({}, 302),
    "rehearse": ({}, 200),
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
    assert client.post(url).status_code == (302 if role == "Integration admin" else 403)


def test_the_walk_has_each_page_of_a_source():
    names = {pattern.name for pattern in admin.site._registry[Source].get_urls() if pattern.name}
    own = {name.removeprefix("webhooks_source_") for name in names} - {
        "changelist",
        "add",
        "change",
        "delete",
        "history",
    }
    assert own == set(OF_A_SOURCE)


def test_the_action_on_tokens(client, role, source_of):
    source = source_of("instaleap", auth_mode="dynamic_token")
    tokens.issue(source.pk, source.secrets.get().pk, 60, None)
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
    assert set(before) == {"Support", "Integration admin"}
    call_command("migrate", verbosity=0)
    assert permissions() == before
