import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture(scope="module")  # no longer: beside Playwright's loop, Django's ORM refuses to work in other tests
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
def page(running, browser, logged_in):
    """A page of a browser that is logged in, at the overview; the test fails on any error in the console, CSP
    violations included.
    """
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies(logged_in)
    context.route(lambda url: "localhost" not in url, lambda route: route.fulfill(body=PIXEL, content_type="image/png"))
    page = context.new_page()
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{running.url}/admin/")
    yield page
    context.close()
    assert errors == []
