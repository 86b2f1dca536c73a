"""Who has no mouse: from the login to a job, its story and its conversation, and out again."""

import re

import pytest
from playwright.sync_api import expect

# What has the focus, and whether one sees that: an outline, or a ring, of it or of the field around it.
FOCUS = """async () => {
  const transitions = document.getAnimations().filter((one) => one instanceof CSSTransition);
  await Promise.allSettled(transitions.map((one) => one.finished));
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const marks = (one) => {
    const style = getComputedStyle(one);
    const ring = style.boxShadow.replace(/rgba?\\(0, 0, 0, 0\\) 0px 0px 0px 0px,? ?/g, "");
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || (ring && ring !== "none");
  };
  const box = element.getBoundingClientRect();
  return {
    is: `${element.localName} ${element.id} ${element.textContent.trim().slice(0, 40)}`,
    id: element.id,
    text: element.textContent.trim(),
    isSeen: [element, element.closest(".desk-search-field"), element.parentElement].some((one) => one && marks(one)),
    isInSight: element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
      && box.width > 1 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


@pytest.fixture
def keyboard(running, browser):
    """A page that is not logged in, as logging out ends the session that other tests share."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{running.url}/admin/")
    yield page
    context.close()


def stops(page, most=400):
    """Press Tab from here to the end of the page; yield where it stops."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None:
            return
        assert focus["isSeen"], focus
        assert focus["isInSight"], focus
        yield focus
    raise AssertionError("There is no end to it.")


def tab_to(page, wanted):
    """Press Tab until what is wanted has the focus, a pattern of its text or its id after #."""
    for focus in stops(page):
        if focus["id"] == wanted[1:] if wanted.startswith("#") else re.search(wanted, focus["text"]):
            return
    raise AssertionError(f"{wanted} cannot be reached from here.")


def test_a_day_without_a_mouse(running, keyboard):
    page, press = keyboard, keyboard.keyboard.press

    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type("admin")
    press("Tab")
    page.keyboard.type(running.password)
    press("Enter")
    expect(page.locator("#jobs-now")).to_be_visible()

    # The first stop leads past the menu
    tab_to(page, "Skip to the content")
    press("Enter")
    press("Tab")
    assert page.evaluate("document.activeElement.closest('#content') !== null")
    shown = page.request.get(f"{running.url}/admin/orders/job/1/change/").text()
    reference = re.search(r"<h1>\s*<bdi>(\w+)</bdi>", shown)[1]

    # To a job
    press("Control+k")
    page.keyboard.type(reference.lower())
    expect(page.get_by_role("option").first).to_contain_text(reference)
    press("ArrowDown")
    press("Enter")
    expect(page.locator("#job h1")).to_contain_text(reference)

    # Each stop on its page is seen, and there is an end to them
    assert len(list(stops(page))) > 40

    # The history of the job
    page.reload()
    tab_to(page, "#event-number")
    press("ArrowLeft")
    expect(page.locator("#head")).to_contain_text("As of")
    expect(page.locator("#event-number")).to_be_focused()
    tab_to(page, "^Now$")
    press("Enter")
    expect(page.locator("#head")).not_to_contain_text("As of")

    # To what was written about it, and there to a word
    tab_to(page, "in the conversation")
    press("Enter")
    expect(page.locator("#conversation .desk-message").first).to_be_visible()
    assert len(list(stops(page))) > 10
    page.reload()
    tab_to(page, "#find")
    page.keyboard.type("a")
    press("Enter")
    expect(page.locator("mark").first).to_be_visible()

    # A list and its filters: what is kept as a view can be thought better of
    page.goto(f"{running.url}/admin/orders/job/?status=FINISHED")
    tab_to(page, "Save as a view")
    press("Enter")
    press("Escape")
    assert page.evaluate(FOCUS)["text"] == "Save as a view"
    assert len(list(stops(page))) > 20

    # And out
    page.goto(f"{running.url}/admin/")
    account = page.get_by_role("button", name="admin")
    tab_to(page, r"^A\s*admin")
    press("Enter")
    expect(page.get_by_role("button", name="Light")).to_be_focused()
    press("Escape")
    expect(account).to_be_focused()
    expect(account).to_have_attribute("aria-expanded", "false")
    press("Enter")
    expect(page.get_by_role("button", name="Light")).to_be_focused()
    tab_to(page, "^Log out")
    press("Enter")
    page.wait_for_url("**/admin/logout/")
