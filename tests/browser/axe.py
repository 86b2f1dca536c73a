"""axe-core over the page that a browser shows, as it is in the light and in the dark."""

from axe_playwright_python.sync_playwright import Axe

AXE = Axe()
VIOLATIONS = {"resultTypes": ["violations"]}  # to tell of all that is well takes as long again
# In the dark only colours are others; everything else is looked at in the light.
COLOURS = VIOLATIONS | {"runOnly": ["color-contrast"]}
OPEN = """() => {
  document.querySelectorAll("details").forEach(details => details.open = true);
  document.querySelectorAll("#result_list tbody tr:nth-child(n+13)").forEach(row => row.remove());  // rows are alike
}"""
MENU = "#nav-sidebar"
# Until its font is there an icon is the word that it is written as, and axe takes it for text.
FONTS = "() => Promise.all([...document.fonts].map(font => font.load())).then(() => {})"
PAINT = """dark => {
  document.documentElement.classList.toggle("dark", dark);
  document.documentElement.classList.toggle("light", !dark);
  document.getAnimations().forEach(animation => animation.finish());
}"""


def faults(page, schemes=("light", "dark"), menu=True, opened=True) -> list[str]:
    """Return the serious and critical violations, each with where it is, once everything that folds is open, unless the
    page is to be looked at as it stands; those of the menu only where that is asked for, as it is the same everywhere.
    """
    page.evaluate(FONTS)
    if opened:
        page.evaluate(OPEN)
    where = None if menu else {"exclude": [[MENU]]}
    found = [("light", violation) for violation in AXE.run(page, where, VIOLATIONS).response["violations"]]
    if "dark" in schemes:
        page.emulate_media(color_scheme="dark")
        page.evaluate(PAINT, True)
        found += [("dark", violation) for violation in AXE.run(page, where, COLOURS).response["violations"]]
        page.emulate_media(color_scheme="light")
        page.evaluate(PAINT, False)
    address = f"{page.url} at {page.viewport_size['width']}"
    return [
        f"{address} in the {scheme}: {violation['id']}: {node['html'][:200]} {node['failureSummary']}"
        for scheme, violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
