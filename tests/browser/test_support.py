"""What Ana in support does all day: find a job, and read what happened to it."""

import re

import pytest
from playwright.sync_api import expect


@pytest.mark.clock
def test_a_day(running, page):
    # The phone rings. The customer says the last digits of theirs, and the answer stands at the top
    page.goto(f"{running.url}/admin/orders/job/1/change/")
    reference = page.locator("#job h1 bdi").inner_text()
    phone = page.locator("#head dd", has_text=re.compile(r"\d{3}")).first.inner_text()
    page.goto(f"{running.url}/admin/")
    page.keyboard.press("Control+k")
    page.keyboard.type("".join(re.findall(r"\d", phone))[-6:])
    page.get_by_role("group", name="Jobs").get_by_role("option", name=reference).click()
    expect(page.locator("#job h1")).to_contain_text(f"{reference} Copy Finished")
    ended = re.compile(r"Your order was (delivered|collected) (on \d+ \w+ )?at")  # with the day after midnight
    expect(page.locator(".job-sentence")).to_contain_text(ended)

    # “What about my groceries?”
    expect(page.locator("#items")).to_contain_text("Replaced by Sustituto de")
    expect(page.locator("#items .desk-red").first).to_have_text("Not found")
    expect(page.locator("#money")).to_contain_text("Approved")
    expect(page.locator("#tasks")).to_contain_text("Delivering")
    assert page.locator("#items img").first.evaluate("image => image.complete && image.naturalWidth > 0")

    # “And when you called me?” The job as of the time when the shopper asked
    expect(page.locator("#timeline li[id^=entry]").first).to_contain_text("Received by the customer")
    asked = page.locator("#timeline li[id^=message]").last
    words = asked.locator(".desk-text").inner_text()
    asked.locator("xpath=following-sibling::li[starts-with(@id, 'entry')]").first.get_by_role(
        "link", name="view", exact=True
    ).click()
    expect(page.locator("#head")).to_contain_text("As of")
    expect(page.locator("#job h1")).not_to_contain_text("Finished")
    page.get_by_role("link", name="Back to now").click()
    expect(page.locator("#job h1")).to_contain_text("Finished")

    # What was written, to be found again and sent by e-mail
    page.locator(f"#{asked.get_attribute('id')}").get_by_role("link", name="in the conversation").click()
    expect(page.locator("#messages .desk-target, #messages :target")).to_contain_text(words)
    page.fill("#find", max(words.split(), key=len))
    expect(page.locator("#found li a").first).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_text("Copy the whole conversation").click()
    page.wait_for_function("words => navigator.clipboard.readText().then((text) => text.includes(words))", arg=words)

    # The customer's other conversation, and back by its job
    page.get_by_role("link", name=reference).first.click()
    page.locator("#other-conversations a").first.click()
    expect(page.locator("#conversation .desk-message").first).to_be_visible()
    expect(page.locator("#customer")).to_contain_text("+")
    page.locator("#other-jobs a", has_text=reference).click()
    expect(page.locator("#job h1")).to_contain_text(reference)

    # A quiet hour: the unanswered conversations, the longest waiting first
    page.goto(f"{running.url}/admin/")
    page.locator("#waiting a").first.click()
    expect(page.locator("#result_list tbody tr").first).to_contain_text("Unanswered")
    page.locator("#result_list tbody tr a").first.click()
    expect(page.locator("#conversation h1")).to_contain_text("Unanswered")

    # A message, found by its words and shown in its conversation
    page.goto(f"{running.url}/admin/chat/message/")
    page.fill("#searchbar", max(words.split(), key=len)[:6])
    page.press("#searchbar", "Enter")
    page.locator("#result_list tbody a.desk-link").first.click()
    expect(page.locator(".desk-message:target")).to_be_visible()


def test_no_page_is_wider_than_its_screen(running, page):
    paths = [
        "",
        "orders/job/1/change/",
        "search/?q=a",
        "preferences/",
        "second-factor/",
        "auth/user/",
        "auth/user/1/change/",
    ]
    paths += [f"chat/{model}/1/change/" for model in ("conversation", "message", "contact", "ticket")]
    paths += [f"chat/{model}/" for model in ("ticket", "group", "campaignreport", "sharedaddress")]
    paths += [
        f"webhooks/{path}" for path in ("event/1/change/", "source/", "source/1/change/", "source/add/", "worker/")
    ]
    for path in paths:
        page.goto(f"{running.url}/admin/{path}")
        for width in (1440, 1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
