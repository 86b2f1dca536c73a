"""The version of pyproject.toml is shown by `manage.py version` and at the end of each page of the admin."""

import re
import subprocess
import sys
import tomllib

import pytest

from tests.running import ROOT

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_the_command_prints_it_without_settings_or_a_database(tmp_path):
    environment = {"DATA_DIR": str(tmp_path), "PRODUCTION": "true"}
    command = [sys.executable, "manage.py", "version"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert (result.returncode, result.stdout, result.stderr) == (0, f"Delivery desk {VERSION}\n", "")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("", id="overview"),
        pytest.param("orders/job/", id="list"),
        pytest.param("webhooks/source/add/", id="form"),
        pytest.param("preferences/", id="page"),
    ],
)
def test_a_page_of_the_admin_ends_with_it(client, ivo, page):
    client.force_login(ivo)

    html = client.get(f"/admin/{page}").text

    footers = re.findall(r"<footer[^>]*>(.*?)</footer>", html, re.DOTALL)
    assert [" ".join(footer.split()) for footer in footers] == [f"Delivery desk {VERSION}"]


def test_nobody_reads_it_before_the_login(client, db):
    assert VERSION not in client.get("/admin/login/").text


def test_the_changelog_keeps_its_form():
    """Keep a Changelog 1.1.0: what is not released comes first, and each change is of one of six kinds."""
    changelog = (ROOT / "CHANGELOG.md").read_text()
    versions = re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)
    kinds = re.findall(r"^### (.+)$", changelog, re.MULTILINE)

    assert versions[0] == "Unreleased"
    assert versions[1:] in ([], [VERSION, *versions[2:]])
    assert set(kinds) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
