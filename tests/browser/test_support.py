"""What Ana in support does all day: find a job, and read what happened to it."""

from playwright.sync_api import expect


def test_finds_a_job_by_the_customers_name_and_reads_it(running, page):
    page.get_by_role("link", name="Jobs").first.click()
    finished = page.locator("#result_list tbody tr", has_text="Finished")
    row = finished.first
    customer = row.locator(".field-customer").inner_text().splitlines()[0]
    page.fill("#searchbar", customer.split()[0][:4].lower())
    page.press("#searchbar", "Enter")
    expect(page.locator("#result_list tbody tr")).not_to_have_count(0)
    finished.locator("a").first.click()

    expect(page.locator("#job h1")).to_contain_text("Finished")
    expect(page.locator("#items")).to_contain_text("Replaced by Sustituto de")
    expect(page.locator("#items .desk-red").first).to_have_text("Not found")
    expect(page.locator("#tasks")).to_contain_text("Delivering")
    expect(page.locator("#timeline li[id^=entry]").first).to_contain_text("Received by the customer")
    expect(page.locator("#money")).to_contain_text("Approved")
    assert page.locator("#items img").first.evaluate("image => image.complete && image.naturalWidth > 0")


def test_goes_from_a_job_to_what_its_customer_wrote_elsewhere_and_back(running, page):
    page.goto(f"{running.url}/admin/orders/job/1/change/")
    reference = page.locator("#job h1").inner_text().split()[0]
    page.locator("#other-conversations a").first.click()

    expect(page.locator("#conversation .desk-message").first).to_be_visible()
    expect(page.locator("#customer")).to_contain_text("+")
    page.locator("#other-jobs a", has_text=reference).click()
    expect(page.locator("#job h1")).to_contain_text(reference)


def test_finds_who_waits_for_an_answer_and_what_was_written(running, page):
    page.get_by_role("link", name="Conversations").first.click()
    expect(page.locator("#result_list tbody tr")).not_to_have_count(0)
    page.goto(f"{running.url}/admin/chat/message/")
    words = page.locator("#result_list .desk-snippet").first.inner_text().split()
    page.fill("#searchbar", max(words, key=len)[:6])
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
