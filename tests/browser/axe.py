"""axe-core over the page that a browser shows, as it is in the light and in the dark."""

from axe_playwright_python.sync_playwright import Axe

AXE = Axe()
# In the dark only colours are others; everything else is looked at in the light.
COLOURS = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
OPEN = "document.querySelectorAll('details').forEach(details => details.open = true)"
PAINT = """dark => {
  document.documentElement.classList.toggle("dark", dark);
  document.documentElement.classList.toggle("light", !dark);
  document.getAnimations().forEach(animation => animation.finish());
}"""


def faults(page, schemes=("light", "dark")) -> list[str]:
    """Open everything that folds, and return the serious and critical violations, each with where it is."""
    page.evaluate(OPEN)
    found = [("light", violation) for violation in AXE.run(page).response["violations"]]
    if "dark" in schemes:
        page.emulate_media(color_scheme="dark")
        page.evaluate(PAINT, True)
        found += [("dark", violation) for violation in AXE.run(page, options=COLOURS).response["violations"]]
        page.emulate_media(color_scheme="light")
        page.evaluate(PAINT, False)
    where = f"{page.url} at {page.viewport_size['width']}"
    return [
        f"{where} in the {scheme}: {violation['id']}: {node['html'][:200]} {node['failureSummary']}"
        for scheme, violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
