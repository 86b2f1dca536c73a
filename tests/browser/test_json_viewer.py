"""webhooks/json_viewer.js by itself: the keys of its tree, what it folds and finds, for a body that is made here."""

import pytest

# Puts a body on the page as admin/webhooks/json_viewer.html does, and loads the script. Its last brackets are cut off.
SHOW = """async (script) => {
  const line = (step, text, isOpen) => `<div role="treeitem" tabindex="-1" data-step="${step}" data-at="0-0"
    ${isOpen ? 'aria-expanded="true"' : ""}>${isOpen ? '<span class="desk-json-caret"></span>' : ""}${text}</div>`;
  const end = '<div role="none">]</div>';
  document.body.innerHTML = `<div data-json data-raw="/nowhere/" data-root="(whole body)"
    data-found="{count} found" data-position="{number} of {count}" data-nothing-found="Nothing found">
    <div data-json-bar hidden><input data-json-search><span data-json-found></span>
      <button data-json-go="-1" disabled></button><button data-json-go="1" disabled></button>
      <button data-json-fold="true"></button><button data-json-fold="false"></button></div>
    <div role="tree">${[
      line("", "all", true), line(".first", "one"), line(".list", "list", true), line("[0]", "İ apple"),
      line("[1]", "Apple", true), line(".deep", "apple pie"), end, end, line(".cut", "cut", true), line("[0]", "last"),
    ].join("")}</div>
    <div data-json-chosen hidden><code data-json-path></code><span data-json-message></span>
      <button data-json-copy="path"></button></div></div>`;
  document.querySelector("[role=treeitem]").tabIndex = 0;
  await import(script);
}"""
SHOWN = """() => [...document.querySelectorAll("[role=treeitem]")].filter((line) => !line.hidden)
  .map((line) => line.textContent)"""
LINES = ["all", "one", "list", "İ apple", "Apple", "apple pie", "cut", "last"]


@pytest.fixture
def viewer(running, page):
    page.goto(f"{running.url}/admin/")
    page.evaluate(SHOW, f"{running.url}/static/webhooks/json_viewer.js")
    return page


def path(page):
    """Return the path that is shown, and check that its line alone is in the order of Tab."""
    stops = page.eval_on_selector_all("[role=treeitem][tabindex='0']", "lines => lines.map(line => line.textContent)")
    chosen = page.eval_on_selector_all("[aria-selected=true]", "lines => lines.map(line => line.textContent)")
    assert len(stops) == 1
    assert stops == chosen
    return page.text_content("[data-json-path]")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
    return path(page)


def test_the_keys_of_a_tree(viewer):
    viewer.locator("[role=treeitem]").first.focus()
    assert press(viewer, "ArrowDown") == "first"
    assert press(viewer, "End") == "cut[0]"
    assert press(viewer, "ArrowDown") == "cut[0]"
    assert press(viewer, "ArrowLeft") == "cut"
    assert press(viewer, "ArrowLeft") == "cut"  # which folds it, to the end of what was cut off
    assert viewer.evaluate(SHOWN) == LINES[:7]
    assert press(viewer, "End") == "cut"
    assert press(viewer, "Enter", "ArrowRight") == "cut[0]"
    assert press(viewer, "Home") == "(whole body)"
    assert press(viewer, "ArrowUp") == "(whole body)"
    assert press(viewer, " ") == "(whole body)"
    assert viewer.evaluate(SHOWN) == LINES[:1]
    assert (
        press(viewer, "ArrowRight", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowRight") == "list[1].deep"
    )
    assert press(viewer, "Control+Home") == "list[1].deep"


def test_folds_and_unfolds_all(viewer):
    viewer.locator("[data-json-fold=true]").dispatch_event("click")
    assert viewer.evaluate(SHOWN) == ["all", "one", "list", "cut"]
    viewer.locator("[data-json-fold=false]").dispatch_event("click")
    assert viewer.evaluate(SHOWN) == LINES
    viewer.locator(".desk-json-caret").nth(1).dispatch_event("click")
    assert viewer.evaluate(SHOWN) == ["all", "one", "list", "cut", "last"]
    assert path(viewer) == "list"


def test_finds_forwards_and_backwards_and_shows_only_where_it_found(viewer):
    search = viewer.locator("[data-json-search]")
    search.fill("APPLE")
    assert viewer.evaluate(SHOWN) == ["all", "one", "list", "İ apple", "Apple", "apple pie", "cut"]
    assert viewer.text_content("[data-json-found]") == "3 found"
    found = []
    for key in ("Enter", "Enter", "Enter", "Enter", "Shift+Enter"):
        search.press(key)
        found.append((viewer.text_content("[data-json-path]"), viewer.text_content("[data-json-found]")))
    first, second, third = ("list[0]", "1 of 3"), ("list[1]", "2 of 3"), ("list[1].deep", "3 of 3")
    assert found == [first, second, third, first, third]
    # A capital whose small letter is two signs would shift what is painted
    painted = viewer.evaluate("['all', 'here'].map(name => [...CSS.highlights.get(`desk-json-${name}`)].map(String))")
    assert painted == [["Apple"], ["apple"]]
    search.fill("")
    assert viewer.evaluate(SHOWN) == LINES
    assert viewer.text_content("[data-json-found]") == ""
    assert viewer.locator("[data-json-go]:disabled").count() == 2
