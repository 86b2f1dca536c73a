"""Support can use every page: axe-core finds nothing serious, in the light and in the dark."""

from uuid import uuid4

from tests.browser.walk import INTEGRATION, walk


def test_no_page_has_a_serious_fault(running, page, troubles):
    seeds = {"index": "/admin/", "a search": "/admin/search/?q=a", "no result": "/admin/search/?q=nowhere"}
    seeds |= {"chat_message_change": "/admin/chat/message/1/change/"}
    page.goto(f"{running.url}/admin/chat/sharedaddress/add/")
    page.fill("[name=value]", f"{uuid4().hex[:8]}@example.com")
    page.get_by_role("button", name="Save", exact=True).click()
    assert walk(page, running.url, seeds, lambda name: not INTEGRATION.search(name)) == []
