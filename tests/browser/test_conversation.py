"""A conversation in progress: new messages appear, and the one that is being read stays in place."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import expect

from tests import payloads
from tests.running import wait_for
from webhooks.providers import registry

START = datetime.now(UTC) - timedelta(days=2)
HOSTILE = '<img src=x onerror=alert(1)> {{ 7*7 }} " x-data="alert(1) javascript:alert(1) \u202egpj.exe'


@pytest.fixture
def write(running):
    """Return a function that lets a new visitor write so many messages, and returns the URL of the conversation."""
    slug = f"chat-{uuid4().hex[:12]}"
    running.manage("add_source", "tawk", "--slug", slug, "--secret-stdin", input=payloads.SECRET)
    browser = running.browse()

    def write(count, last=None):
        texts = [f"word{number}." for number in range(count)]
        texts[-1] = last or texts[-1]
        messages = [
            {
                "sender": {"t": "v", "n": "Zoë"},
                "type": "msg",
                "msg": text,
                "time": (START + timedelta(minutes=10 * number)).isoformat(),
            }
            for number, text in enumerate(texts)
        ]
        event = {
            "event": "chat:transcript_created",
            "time": datetime.now(UTC).isoformat(),
            "property": {"id": "p", "name": "Shop"},
            "chat": {"id": slug, "visitor": {"name": slug}, "messages": messages},
        }
        body = payloads.dump(event)
        headers = registry()["tawk"].sign(payloads.SECRET, body) | {"Content-Type": "application/json"}
        assert requests.post(f"{running.url}/webhooks/{slug}/", body, headers=headers, timeout=30).ok

        def found():
            page = browser.get(f"{running.url}/admin/chat/conversation/?q={slug}").text
            link = re.search(r'href="(/admin/chat/conversation/\d+/change/)', page)
            shown = link and browser.get(running.url + link[1]).text
            return shown and (last or f">{texts[-1]}<" in shown) and shown.count('id="message-') and link[1]

        return running.url + wait_for(found)

    return write


def look_again(page):
    """Let the page check at once for news, as it does when its reader returns to it."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def place(page, text):
    return page.locator("#messages .desk-text", has_text=re.compile(rf"^{text}$")).bounding_box()["y"]


def test_new_messages_appear_and_leave_the_reader_in_place(write, page):
    page.goto(write(60))
    last = page.locator("#messages .desk-message").last
    expect(last).to_contain_text("word59.")
    expect(last).to_be_in_viewport()

    write(61)
    look_again(page)
    expect(last).to_contain_text("word60.")
    expect(last).to_be_in_viewport()
    expect(page.locator("#new-messages")).to_be_hidden()

    page.locator("#messages .desk-text", has_text="word30.").scroll_into_view_if_needed()
    page.wait_for_url("**since=*")
    before = place(page, "word30.")
    write(64)
    look_again(page)
    expect(page.locator("#new-messages")).to_have_text("3 new messages")
    assert abs(place(page, "word30.") - before) <= 2

    page.locator("#new-messages").click()
    expect(last).to_contain_text("word63.")
    expect(last).to_be_in_viewport()
    expect(page.locator("#new-messages")).to_be_hidden()


def test_goes_back_finds_and_follows_a_link_without_leaving_the_page(write, page, running):
    page.goto(write(120))
    page.evaluate("window.stayed = true")
    page.locator("#messages .desk-text", has_text="word75.").scroll_into_view_if_needed()
    before = place(page, "word75.")
    page.locator("#earlier").evaluate("link => link.click()")
    expect(page.locator("#messages .desk-message")).to_have_count(100)
    assert abs(place(page, "word75.") - before) <= 2

    page.fill("#find", "word3.")
    expect(page.locator("#found li")).to_have_count(11)  # word3 and word30 to word39
    page.locator("#found li a").last.click()
    found = page.locator("#messages .desk-target")
    expect(found).to_contain_text("word3.")
    expect(found).to_be_in_viewport()
    expect(found.locator("mark")).to_have_text("word3")
    assert page.evaluate("window.stayed")

    id = found.get_attribute("id")
    page.goto(f"{page.url.partition('?')[0]}#{id}")
    page.wait_for_url("**message=*")
    expect(page.locator(f"#{id}")).to_be_in_viewport()
    expect(page.locator(f"#{id}")).to_contain_text("word3.")


def test_texts_of_strangers_are_text_and_a_phone_shows_the_conversation_first(write, page):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(write(3, last=HOSTILE))
    expect(page.locator("#messages .desk-text").last).to_have_text(HOSTILE.replace("\u202e", "RLO"))
    expect(page.locator("#messages .desk-text").last).to_be_in_viewport()
    expect(page.locator("#customer summary")).to_be_visible()
    expect(page.locator("#customer p").first).to_be_hidden()
    page.locator("#customer summary").click()
    expect(page.locator("#customer p").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
