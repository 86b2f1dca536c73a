"""Who sets a second factor up, and logs in with it."""

from playwright.sync_api import expect

from tests.phone import Phone


def test_sets_a_second_factor_up_and_logs_in_with_it(running, page):
    name = "careful"
    running.manage("shell", "-v0", "-c", NEW_USER.format(name=name))

    def log_in():
        page.context.clear_cookies()
        page.goto(f"{running.url}/admin/")
        page.fill("[name=username]", name)
        page.fill("[name=password]", "pw of this one")
        page.press("[name=password]", "Enter")

    log_in()
    page.get_by_text(name).click()
    page.get_by_role("link", name="Second factor").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    phone = Phone(page.locator(".desk-key").inner_text())
    page.get_by_label("Code").fill(phone.code())
    page.get_by_role("button", name="Turn it on").click()
    expect(page.locator(".desk-recovery li")).to_have_count(8)
    recovery_code = page.locator(".desk-recovery li").first.inner_text()
    page.get_by_role("link", name="I've saved these codes").click()
    page.wait_for_url("**/admin/")

    for code in (phone.code(), recovery_code):
        log_in()
        expect(page.get_by_label("Code")).to_be_focused()
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        page.wait_for_url("**/admin/")
    expect(page.get_by_text("You used a recovery code; 7 of them are left.")).to_be_visible()


NEW_USER = """
from django.contrib.auth.models import User
User.objects.create_superuser("{name}", password="pw of this one")
"""
