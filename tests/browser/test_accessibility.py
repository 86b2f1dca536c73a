"""Everybody can use every page: axe-core finds nothing serious, in the light and in the dark."""

import re
from uuid import uuid4

import pytest
import requests
from django.contrib import admin
from django.urls import resolve
from playwright.sync_api import expect

from tests import payloads
from tests.browser.axe import faults
from tests.phone import Phone
from tests.running import wait_for
from webhooks.providers import registry

NOT_LOOKED_AT = re.compile(
    r"_(export|body|postman|transcript|view|revoke_tokens|end_previous|add|delete|history)$"  # no page, or Django's
    r"|:(logout|jsi18n|autocomplete|view_on_site)$"
    r"|_(accessattempt|logentry|accesstoken)_change$"  # lists that lead to no page
    r"|:(login|login_code|password_change_done|search_panel)$|_source_(rehearse|test_event)$"  # not linked to
)
ON_A_PHONE = {"index", "orders_job_changelist", "orders_job_change", "chat_conversation_changelist"}
ON_A_PHONE |= {"chat_conversation_change", "webhooks_source_change", "webhooks_event_change", "search", "preferences"}


OTHERS = {"tawk": "ticket-create.json", "docssmith": "group-created.json", "oneroute": "campaign-report.json"}


@pytest.fixture
def troubles(running):
    """The numbers of an event in conflict and of a dead one, of a source that also refused one; what no demo plays
    came, too.
    """
    for provider, name in OTHERS.items():
        slug = f"axe-{uuid4().hex[:8]}"
        networks = ["--allow-network=127.0.0.0/8", "--allow-network=::1"]
        running.manage("add_source", provider, "--slug", slug, *networks, "--secret-stdin", input=payloads.SECRET)
        body = payloads.body(name, provider)
        headers = registry()[provider].sign(payloads.SECRET, body)
        assert requests.post(f"{running.url}/webhooks/{slug}/", body, headers=headers, timeout=30).ok
    slug = f"axe-{uuid4().hex[:8]}"
    running.manage("add_source", "instaleap", "--slug", slug, "--secret-stdin", input=payloads.SECRET)
    browser = running.browse()

    def send(payload, secret=payloads.SECRET):
        body = payloads.dump(payload)
        headers = registry()["instaleap"].sign(secret, body)
        return requests.post(f"{running.url}/webhooks/{slug}/", body, headers=headers, timeout=30).json().get("event")

    assert send(payloads.sample(id=slug, job={"id": slug}))
    events = {
        "conflict": send(payloads.sample(id=slug, job={"id": slug, "job_comment": "Ring twice"})),
        "dead": send(payloads.sample(id=f"{slug}-dead", job={"id": f"{slug}-dead", "payment_value": "much"})),
    }
    assert not send(payloads.sample(), "not the secret")
    for status, event in events.items():
        address = f"{running.url}/admin/webhooks/event/?status={status}"
        wait_for(lambda address=address, event=event: f"/{event}/change/" in browser.get(address).text)
    return events


def links(page):
    """Return an address that the page links to for each of the admin's views."""
    found = {}
    for path in page.eval_on_selector_all("a[href]", "links => links.map(link => link.pathname + link.search)"):
        if path.startswith("/admin/"):
            name = resolve(path.partition("?")[0]).view_name.removeprefix("admin:")
            found.setdefault(f"{name} at" if "?at=" in path else name, path)
    return found


def views():
    """Return the names of the admin's views."""
    patterns = admin.site.urls[0]
    return {view.name for pattern in patterns for view in getattr(pattern, "url_patterns", [pattern])} - {None}


def test_no_page_has_a_serious_fault(running, page, troubles):
    """Walk along every link to a view that was not seen yet, so that what is added is looked at, too."""
    events = "/admin/webhooks/event"
    found, waiting = [], {"index": "/admin/", "a search": "/admin/search/?q=a", "no result": "/admin/search/?q=nowhere"}
    waiting |= {"dead": f"{events}/{troubles['dead']}/change/", "conflict": f"{events}/{troubles['conflict']}/change/"}
    waiting |= {"nothing": f"{events}/?status=ignored", "webhooks_event_replay": f"{events}/1/replay/"}
    waiting |= {"chat_message_change": "/admin/chat/message/1/change/"}
    page.goto(f"{running.url}/admin/chat/sharedaddress/add/")
    page.fill("[name=value]", f"{uuid4().hex[:8]}@example.com")
    page.get_by_role("button", name="Save", exact=True).click()
    seen = set()
    while remaining := [name for name in waiting if name not in seen]:
        name = remaining[0]
        seen.add(name)
        assert page.goto(running.url + waiting[name]).ok, waiting[name]
        found += faults(page, menu=name == "index")
        if name in ON_A_PHONE:
            page.set_viewport_size({"width": 390, "height": 800})
            found += faults(page, schemes=["light"], menu=name == "index")
            page.set_viewport_size({"width": 1440, "height": 900})
        waiting |= {
            name: path
            for name, path in links(page).items()
            if name not in waiting and not re.search("^logout$|_(body|postman|transcript)$", name)
        }
    assert found == []
    assert {name for name in views() - seen if not NOT_LOOKED_AT.search(f":{name}")} == set()


def test_login_and_second_factor_have_no_serious_fault(running, page):
    name, password = f"axe-{uuid4().hex[:8]}", "pw of this one"
    running.manage("shell", "-v0", "-c", NEW_USER.format(name=name, password=password))
    found = []

    def log_in(password):
        page.context.clear_cookies()
        page.goto(f"{running.url}/admin/")
        page.fill("[name=username]", name)
        page.fill("[name=password]", password)
        page.press("[name=password]", "Enter")

    log_in("wrong")
    found += faults(page)
    log_in(password)
    page.wait_for_url("**/admin/")
    page.goto(f"{running.url}/admin/second-factor/")
    found += faults(page)
    phone = Phone(page.locator(".desk-key").inner_text())
    page.get_by_label("Code").fill(phone.code())
    page.get_by_role("button", name="Turn it on").click()
    expect(page.locator(".desk-recovery li")).to_have_count(8)
    found += faults(page)
    page.goto(f"{running.url}/admin/second-factor/")
    found += faults(page)
    log_in(password)
    expect(page.get_by_label("Code")).to_be_focused()
    found += faults(page)
    assert found == []


NEW_USER = """
from django.contrib.auth.models import User
User.objects.create_superuser("{name}", password="{password}")
"""
