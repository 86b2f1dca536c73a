"""The page of a job during a phone call: it updates itself and keeps the reader's place."""

import json
import re
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import expect

from tests import payloads
from tests.running import wait_for
from webhooks.providers import registry

NAMES = payloads.life("life-full-service")


@pytest.fixture
def send(running):
    """Return a function that sends some of the events of a job of this test's own, and returns the job's address."""
    slug = f"job-{uuid4().hex[:12]}"
    running.manage("add_source", "instaleap", "--slug", slug, "--secret-stdin", input=payloads.SECRET)
    browser = running.browse()
    numbers = iter(range(len(NAMES)))

    def send(count):
        for number, _ in zip(numbers, range(count), strict=False):
            payload = payloads.load(NAMES[number])
            payload |= {"id": f"{slug}-{payload['id']}", "client_id": slug}
            payload["job"] |= {"id": slug, "client_reference": slug}
            body = payloads.dump(payload)
            headers = registry()["instaleap"].sign(payloads.SECRET, body)
            assert requests.post(f"{running.url}/webhooks/{slug}/", body, headers=headers, timeout=30).ok
        last = payload["id"]

        def found():
            page = browser.get(f"{running.url}/admin/orders/job/?q={slug}").text
            link = re.search(r'href="(/admin/orders/job/\d+/change/)', page)
            return link and f'id="entry-{last}"' in browser.get(running.url + link[1]).text and link[1]

        return running.url + wait_for(found)

    return send


def look_again(page):
    """Let the page ask at once whether it is up to date, as it does when somebody comes back to it."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


WHERE = """() => {
  const row = document.activeElement.closest("li");
  return [row.id, Math.round(row.getBoundingClientRect().top)];
}"""


def test_the_page_updates_itself_and_keeps_the_readers_place(send, page):
    page.set_viewport_size({"width": 1440, "height": 500})
    page.goto(send(8))
    expect(page.locator("#head")).to_contain_text("picking it in the store")
    page.locator("#ids summary").click()
    page.locator("#timeline li[id^=entry] a").nth(4).focus()
    page.evaluate("document.activeElement.closest('li').scrollIntoView()")
    before = page.evaluate(WHERE)
    rows = page.locator("#timeline li[id^=entry]")
    expect(rows).to_have_count(8)

    send(4)
    look_again(page)
    expect(rows).to_have_count(12)
    expect(page.locator("#live")).to_contain_text("Updated: State, Items")
    row, top = page.evaluate(WHERE)
    assert row == before[0]
    assert abs(top - before[1]) <= 2
    expect(page.locator("#ids details")).to_have_attribute("open", "")
    expect(page.locator("#event-number")).to_have_value("12")

    cookies = page.context.cookies()
    page.context.clear_cookies()
    look_again(page)
    expect(page.locator("#live")).to_contain_text("you are logged out")
    page.context.add_cookies(cookies)
    look_again(page)
    expect(page.locator("#live")).to_have_text("Up to date again.")

    send(len(NAMES))
    look_again(page)
    expect(page.locator("#live")).to_contain_text("Updated for the last time")
    expect(page.locator("#head h1")).to_contain_text("Finished")


def test_the_slider_shows_the_job_as_it_stood(running, page):
    page.goto(f"{running.url}/admin/orders/job/1/change/")
    now = page.locator("#head").inner_text()
    page.locator("#event-number").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#head")).to_contain_text("As of")
    expect(page.locator("#event-number")).to_be_focused()
    page.get_by_role("link", name="Previous").click()
    expect(page.locator("#timeline [aria-current]")).to_have_count(1)
    page.get_by_role("link", name="Back to now").click()
    expect(page.locator("#head")).to_contain_text(now.splitlines()[0])
    expect(page.locator("#head")).not_to_contain_text("As of")


def test_a_photo_that_cannot_be_loaded_is_replaced_by_a_message(running, page, elsewhere):
    elsewhere |= {"responseHeaders": [{"name": "Content-Type", "value": "text/html"}], "body": ""}
    page.goto(f"{running.url}/admin/orders/job/1/change/")
    expect(page.locator("#items .job-photo img").first).to_be_hidden()
    expect(page.locator("#items .job-photo span").first).to_be_visible()


def test_what_came_can_be_copied(running, page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{running.url}/admin/orders/job/1/change/")
    page.locator("#ids summary").click()
    page.locator("[data-copy-from]").click()
    expect(page.locator("[data-copy-from]")).to_have_text("Copied")

    assert json.loads(page.evaluate("navigator.clipboard.readText()"))["id"]
