"""What Ana in support does all day: find a job, and read what happened to it."""

import pytest
from playwright.sync_api import expect


def test_finds_a_job_by_the_customers_name_and_reads_it(running, page):
    page.get_by_role("link", name="Jobs").first.click()
    row = page.locator("#result_list tbody tr").first
    customer = row.locator(".field-customer").inner_text().splitlines()[0]
    page.fill("#searchbar", customer.split()[0][:4].lower())
    page.press("#searchbar", "Enter")
    expect(page.locator("#result_list tbody tr")).not_to_have_count(0)
    page.locator("#result_list tbody tr a").first.click()

    expect(page.locator("#job h1")).to_contain_text("Finished")
    expect(page.locator("#items")).to_contain_text("Replaced by Sustituto de")
    expect(page.locator("#items .desk-red").first).to_have_text("Not found")
    expect(page.locator("#tasks")).to_contain_text("Delivering")
    expect(page.locator("#timeline li").first).to_contain_text("Received by the customer")
    expect(page.locator("#money")).to_contain_text("Approved")
    assert page.locator("#items img").first.evaluate("image => image.complete && image.naturalWidth > 0")


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_no_page_is_wider_than_its_screen(running, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    for path in ("/admin/", "/admin/orders/job/", "/admin/orders/job/1/change/", "/admin/webhooks/event/1/change/"):
        page.goto(running.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
