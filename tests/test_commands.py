"""Management commands have names of their own."""

from pathlib import Path

import django
import pytest
from django.apps import apps
from django.core.management import find_commands

from tests.running import ROOT

OWN = {command for folder in ROOT.glob("*/management") for command in find_commands(folder)}


@pytest.mark.parametrize("command", sorted(OWN))
def test_a_command_shadows_none_of_django_or_a_package(command):
    folders = [Path(django.__file__).parent / "core"]
    folders += [Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent != ROOT]
    assert len(folders) > 5
    assert [folder for folder in folders if command in find_commands(folder / "management")] == []
