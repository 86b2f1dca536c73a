"""Nor finds axe-core anything serious in what no link leads to: panels, menus, forms that say what is wrong, logins."""

from uuid import uuid4

from playwright.sync_api import expect

from tests.browser.axe import faults
from tests.phone import Phone

FADED_IN = """() => getComputedStyle(document.querySelector("#nav-sidebar [x-show=openUserLinks]")).opacity === "1"
  && !document.getAnimations().length"""


def test_what_a_button_leads_to_has_no_serious_fault(running, page):
    found = []

    def look(menu=False):
        found.extend(faults(page, menu=menu, opened=False))

    def at(path):
        page.goto(f"{running.url}/admin/{path}")

    # The search's panel, with and without results
    page.keyboard.press("Control+k")
    page.keyboard.type("a")
    page.keyboard.type("n")
    expect(page.get_by_role("option").first).to_be_visible()
    look()
    page.locator("#search").fill("nowhere at all")
    expect(page.locator(".desk-search-none")).to_contain_text("No results")
    look()
    # The account's menu; what a list opens, on a phone, too
    at("orders/job/?status=FINISHED")
    page.get_by_role("button", name="admin").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.wait_for_function(FADED_IN)
    look(menu=True)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.get_by_text("Export", exact=True).click()
        look()
        page.keyboard.press("Escape")
        page.get_by_text("Save as a view").click()
        look()
        page.keyboard.press("Escape")
        filters = page.locator(".desk-filters > summary")
        if filters.is_visible():
            filters.click()
            look()
    page.set_viewport_size({"width": 1440, "height": 900})
    # Forms that say what is wrong
    for form, name in (
        ("webhooks/source/add/", "slug"),
        ("auth/user/add/", "username"),
        ("chat/sharedaddress/add/", "value"),
    ):
        at(form)
        page.fill(f"[name={name}]", "no such - thing!")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator(".errornote, .errorlist, .errors").first).to_be_visible()
        look()
    # A secret that is made, a preview of a change, a test event
    at("webhooks/source/add/")
    page.fill("[name=slug]", f"axe-{uuid4().hex[:8]}")
    page.fill("[name=name]", "Of axe")
    page.select_option("[name=provider]", "tawk")
    page.check("[name=make_secret]")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#made-secret")).to_be_visible()
    look()
    page.get_by_role("link", name="I have copied it").click()
    page.check("[name=make_secret]")
    expect(page.locator("#change-preview")).not_to_contain_text("As soon as")
    look()
    page.locator("#try").get_by_role("button", name="Send").click()
    expect(page.locator("#test-event")).to_be_visible()
    look()
    # What is not there, as if it were, so that the console says no error
    page.route("**/admin/nowhere/", lambda route: route.fulfill(response=route.fetch(), status=200))
    at("nowhere/")
    look()
    assert found == []


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
