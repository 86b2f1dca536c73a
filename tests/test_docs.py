"""README.md and .env.example name each command, setting and dependency."""

import re
import tomllib

import pytest

from tests.running import ROOT

README = (ROOT / "README.md").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
SETTINGS = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', (ROOT / "config/settings.py").read_text()))
COMMANDS = {path.stem for path in ROOT.glob("*/management/commands/[a-z]*.py")}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DEPENDENCIES = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_env_example_has_a_line_for(setting):
    assert re.search(rf"^# {setting}=", EXAMPLE, re.MULTILINE)


def test_env_example_has_no_line_too_many():
    assert set(re.findall(r"^# ([A-Z_]+)=", EXAMPLE, re.MULTILINE)) == SETTINGS


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_readme_names_the_command(command):
    assert re.search(rf"^\| `{command}\b", README, re.MULTILINE)


@pytest.mark.parametrize("dependency", [re.match(r"[\w-]+", dependency)[0] for dependency in DEPENDENCIES])
def test_readme_says_why_there_is(dependency):
    assert re.search(rf"\b{dependency}\b", README.partition("## What it is built with")[2])


@pytest.mark.parametrize("target", re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
def test_readme_names_the_make_target(target):
    assert target == "setup" or f"make {target}" in README


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#:]+)\)", README))
def test_readme_links_to_what_is_there(path):
    assert (ROOT / path).exists()
