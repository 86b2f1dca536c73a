"""The pictures that the README shows, where `make screenshots` asks for them."""

import os
from pathlib import Path

import pytest

FOLDER = os.environ.get("SCREENSHOTS")
# By name: where it is, and how much of it is shown.
PICTURES = {
    "dashboard": ("/admin/", 900),
    "job": ("/admin/orders/job/1/change/", 1100),
    "conversation": ("/admin/chat/conversation/1/change/", 900),
    "source": ("/admin/webhooks/source/1/change/", 900),
}


@pytest.mark.skipif(not FOLDER, reason="`make screenshots` takes them.")
def test_takes_the_pictures_of_the_readme(running, page):
    folder = Path(FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    running.manage("play", "--seconds=0", "--seed=11", "--no-cancelled")
    for name, (path, height) in PICTURES.items():
        page.set_viewport_size({"width": 1280, "height": height})
        page.goto(running.url + path)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=folder / f"{name}.png")
