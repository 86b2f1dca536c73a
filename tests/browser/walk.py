"""Walks along every link of the admin to a view that was not seen yet, so that what is added is looked at, too."""

import re

from django.contrib import admin
from django.urls import resolve

from tests.browser.axe import faults

NOT_LOOKED_AT = re.compile(
    r"_(export|body|postman|transcript|view|revoke_tokens|end_previous|add|delete|history)$"  # no page, or Django's
    r"|:(logout|jsi18n|autocomplete|view_on_site)$"
    r"|_(accessattempt|logentry|accesstoken)_change$"  # lists that lead to no page
    r"|:(login|login_code|password_change_done|search_panel)$|_source_(change_preview|test_event)$"  # not linked to
)
ON_A_PHONE = {"index", "orders_job_changelist", "orders_job_change", "chat_conversation_changelist"}
ON_A_PHONE |= {"chat_conversation_change", "webhooks_source_change", "webhooks_event_change", "search", "preferences"}
ON_A_PHONE |= {"orders_job_change at", "chat_contact_change", "chat_ticket_change", "webhooks_rejection_change"}
INTEGRATION = re.compile("^(webhooks|auth|axes|admin)_")  # whose pages are another walk, so that two can go at once


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


def walk(page, url, waiting, is_ours):
    """Look, from some addresses by name, at every view whose name is_ours() says so; return what is at fault."""
    found, seen = [], set()
    while remaining := [name for name in waiting if name not in seen]:
        name = remaining[0]
        seen.add(name)
        assert page.goto(url + waiting[name]).ok, waiting[name]
        found += faults(page, menu=name == "index")
        if name in ON_A_PHONE:
            page.set_viewport_size({"width": 390, "height": 800})
            found += faults(page, schemes=["light"], menu=name == "index")
            page.set_viewport_size({"width": 1440, "height": 900})
        waiting |= {
            name: path
            for name, path in links(page).items()
            if name not in waiting and is_ours(name) and not re.search("^logout$|_(body|postman|transcript)$", name)
        }
    assert {name for name in views() - seen if is_ours(name) and not NOT_LOOKED_AT.search(f":{name}")} == set()
    return found
