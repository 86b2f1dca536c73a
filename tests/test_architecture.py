"""Layers: chat > orders > webhooks > console > config; no import runs up."""

import ast
from pathlib import Path

import pytest

from tests.running import ROOT

LAYERS = ("config", "console", "webhooks", "orders", "chat")
MAY_IMPORT = {app: set(LAYERS[: number + 1]) for number, app in enumerate(LAYERS)}
WIRING = {"config/settings.py", "config/urls.py", "config/asgi.py", "config/wsgi.py"}
MODULES = [
    path
    for app in MAY_IMPORT
    for path in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in path.parts and str(path.relative_to(ROOT)) not in WIRING
]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(ROOT)) for path in MODULES])
def test_imports_go_one_way(path):
    app = path.relative_to(ROOT).parts[0]
    others = {name for name in imports(path) if name.partition(".")[0] in set(MAY_IMPORT) - MAY_IMPORT[app]}
    assert not others


@pytest.mark.parametrize("path", [path for path in MODULES if "providers" not in path.parts])
def test_nothing_outside_of_its_module_asks_which_provider_it_is(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Compare):
            said = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
            assert not said & {"instaleap", "oneroute", "tawk", "docssmith"}, f"line {node.lineno}"
