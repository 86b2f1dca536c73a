"""The search box: from every page, by keyboard, on the phone, and without a script."""

from playwright.sync_api import expect

from console.search.query import SearchTerm

TYPED = ["ana@example.com", "+52 1 (222) 555-0142", "5550142", "\u202a222\u2011555\u20110142\u202c", "0142", "REF12"]
TYPED += ["cbf87544-7215-4e76-a4c1-1ab2fec3f6b3", "maría", "王小明", "order 12", "?!", "1-2", "tel:+5255", "<b>", "#12"]


def of_the_first_job(page, running):
    """Return the reference and the customer of a job."""
    page.goto(f"{running.url}/admin/orders/job/")
    row = page.locator("#result_list tbody tr").first
    return row.locator(".field-reference").inner_text(), row.locator(".field-customer").inner_text().splitlines()[0]


def test_finds_by_keyboard_from_any_page(running, page):
    reference, customer = of_the_first_job(page, running)
    box, panel = page.locator("#search"), page.locator(".desk-search-panel")
    chosen = panel.locator("[aria-selected=true]")

    page.keyboard.press("Control+k")
    expect(box).to_be_focused()
    for typed in TYPED:  # described before any request, by the patterns that the server uses
        box.fill(typed)
        expect(page.locator("#search-kind")).to_have_text(str(SearchTerm.parse(typed).type.description))

    box.fill(customer.split()[0][:4].lower())
    expect(panel.get_by_role("group", name="Jobs")).to_contain_text(reference)
    page.keyboard.press("ArrowUp")
    expect(chosen).to_have_text("All results on one page")
    page.keyboard.press("ArrowDown")
    expect(chosen).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    page.keyboard.press("Escape")
    expect(box).to_have_value("")

    box.fill(reference.lower())
    expect(panel.get_by_role("option").first).to_contain_text("Exact match")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#job h1")).to_contain_text(reference)

    page.goto(f"{running.url}/admin/")  # else the address that is waited for is there already
    page.keyboard.press("Control+k")
    page.keyboard.type(reference)
    page.keyboard.press("Enter")  # at once: the server knows that it is the only exact one
    page.wait_for_url("**/admin/orders/job/*/change/")
    page.keyboard.press("Control+k")
    page.keyboard.type("'\"><img src=x onerror=nowhere(1)>")
    page.keyboard.press("Enter")
    expect(page.locator("#results")).to_contain_text("No results for “'\"><img src=x onerror=nowhere(1)>”.")


def test_an_older_answer_never_replaces_a_newer_one(running, page):
    reference, _ = of_the_first_job(page, running)
    held = []
    page.route("**/search/panel/?q=held*", lambda route: held.append(route))
    with page.expect_request("**/search/panel/?q=held*"):
        page.fill("#search", "held back")
    page.fill("#search", reference)
    expect(page.get_by_role("option").first).to_contain_text(reference)
    (route,) = held
    route.fulfill(body="<p data-kind>older</p><div data-results></div><p data-none>older</p>")
    page.evaluate("new Promise(requestAnimationFrame)")
    expect(page.locator(".desk-search-none")).to_have_text("")
    expect(page.get_by_role("option").first).to_contain_text(reference)


def test_one_tap_on_the_phone_and_a_form_without_a_script(running, page):
    reference, customer = of_the_first_job(page, running)
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator("#search")).to_be_hidden()
    page.get_by_role("link", name="Search", exact=True).click()
    expect(page.locator("#search")).to_be_focused()
    page.fill("#search", reference[-8:] if reference.startswith("#") else customer.split()[0])
    page.get_by_role("option").filter(has_text=reference).first.click()
    expect(page.locator("#job h1")).to_contain_text(reference)

    context = page.context.browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    plain = context.new_page()
    plain.goto(f"{running.url}/admin/")
    plain.fill("#search", customer.split()[0])
    plain.press("#search", "Enter")
    plain.locator("#results a.desk-hit").filter(has_text=reference).first.click()
    expect(plain.locator("#job h1")).to_contain_text(reference)
    context.close()
