"""Lists in the browser: filter, keep as a view, carry away, by keyboard and on a phone."""

from playwright.sync_api import expect

LISTS = ["orders/job", "chat/conversation", "chat/message", "chat/contact", "webhooks/event", "webhooks/rejection"]


def test_filters_and_keeps_them_as_a_view(running, page):
    page.goto(f"{running.url}/admin/orders/job/")
    page.get_by_label("Status").select_option("FINISHED")
    page.get_by_label("Store").fill("a")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/admin/orders/job/?*status=FINISHED*")
    assert "slot" not in page.url  # what is not asked for is not in the address
    expect(page.locator("#result_list tr.data-row").first).to_contain_text("Finished")

    name = "Those of mine"
    page.get_by_text("Save as a view").press("Enter")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")

    change = page.get_by_text("Change this view")
    change.click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Delete")).to_be_hidden()
    change.click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("link", name=name)).to_have_count(0)


def test_carries_a_list_away(running, page):
    page.goto(f"{running.url}/admin/orders/job/")
    page.get_by_text("Export", exact=True).click()
    for format, ending in (("CSV", ".csv"), ("Excel", ".xlsx")):
        with page.expect_download() as download:
            page.get_by_role("button", name=format).click()
        assert download.value.suggested_filename.endswith(ending)
        assert download.value.path().stat().st_size > 500


def test_looks_at_what_processing_all_again_would_change(running, page):
    page.goto(f"{running.url}/admin/webhooks/event/?type=CREATED")
    page.get_by_role("button", name="again…").click()
    expect(page.locator("#replay")).to_contain_text("No row would change.")
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url("**/admin/webhooks/event/?type=CREATED")


def test_no_list_is_wider_than_its_screen(running, page):
    for path in LISTS:
        page.goto(f"{running.url}/admin/{path}/")
        for width in (1440, 1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            filters = page.locator(".desk-filters > summary")
            if filters.is_visible():
                filters.click()
            expect(page.get_by_role("button", name="Apply")).to_be_visible()
            page.get_by_text("Export", exact=True).click()
            box = page.locator("[data-pop][open] form").bounding_box()
            assert box["x"] >= 0, path
            assert box["x"] + box["width"] <= width, path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            page.keyboard.press("Escape")
