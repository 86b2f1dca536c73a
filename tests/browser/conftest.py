import base64
import os
import shutil
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import expect, sync_playwright

from tests import payloads
from tests.running import wait_for
from webhooks.providers import registry

expect.set_options(timeout=30_000)  # the default of five seconds is too short on a loaded machine

PIXEL = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
    )
).decode()


@pytest.fixture(scope="module")  # not session: Django's ORM refuses to work in the thread of Playwright's loop
def browser():
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        assert not os.environ.get("CI"), "CI needs Chromium; .ci/run installs it."
        pytest.skip("No Chromium is installed (Debian: apt install chromium).")
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def logged_in(running):
    """The admin's cookies: who logs out, or in as somebody else, clears them first, or has a context of its own."""
    cookies = running.browse().cookies
    return [{"name": cookie.name, "value": cookie.value, "url": running.url} for cookie in cookies]


@pytest.fixture
def elsewhere():
    """What every host but ours answers, as Fetch.fulfillRequest of the DevTools protocol has it: a picture."""
    picture = {"name": "Content-Type", "value": "image/png"}
    return {"responseCode": 200, "responseHeaders": [picture], "body": PIXEL}


@pytest.fixture
def page(running, browser, logged_in, elsewhere):
    """A page of a browser that is logged in, at the overview; the test fails on any error in the console, CSP
    violations included.
    """
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies(logged_in)
    page = context.new_page()
    # Playwright's routes would do the same, and without the browser's cache: each page would load all its files again.
    devtools = context.new_cdp_session(page)
    devtools.on(
        "Fetch.requestPaused",
        lambda paused: devtools.send("Fetch.fulfillRequest", {"requestId": paused["requestId"], **elsewhere}),
    )
    devtools.send("Fetch.enable", {"patterns": [{"urlPattern": "https://*"}]})
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{running.url}/admin/")
    yield page
    context.close()
    assert errors == []


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
