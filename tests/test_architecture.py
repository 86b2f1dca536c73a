"""What import-linter (pyproject.toml) does not see: strings that bypass the layers, the wiring, providers' names."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.running import ROOT

LAYERS = ("config", "console", "webhooks", "orders", "chat")  # bottom to top
WIRING = {"config.settings", "config.urls", "config.asgi", "config.wsgi"}  # names the apps, as Django does
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): ast.parse(path.read_text())
    for layer in LAYERS
    for path in sorted((ROOT / layer).rglob("*.py"))
}


def imports(module: ast.Module) -> Iterator[str]:
    """Yield the dotted path of each module that is imported, and of each name that may be one."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{name.name}" for name in node.names)


def strings(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each string constant, docstrings excepted."""
    docstrings = {node.value for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            yield node.lineno, node.value


@pytest.mark.parametrize("name", MODULES)
def test_no_module_imports_the_wiring(name: str) -> None:
    assert not WIRING & set(imports(MODULES[name]))


# In a provider's modules "chat" and "orders" are the provider's own words.
@pytest.mark.parametrize("name", [name for name in MODULES if name not in WIRING and ".providers." not in name])
def test_no_string_names_a_layer_above(name: str) -> None:
    """App labels, dotted paths, permissions and URL names, as in apps.get_model("chat") and "orders.view_job"."""
    above = LAYERS[LAYERS.index(name.partition(".")[0]) + 1 :]
    path = re.compile(rf"(admin:)?({'|'.join(above)})([._:/][\w.:/]*)?") if above else re.compile(r"(?!)")
    found = [(line, text) for line, text in strings(MODULES[name]) if path.fullmatch(text)]
    assert not found


@pytest.mark.parametrize("name", [name for name in MODULES if ".providers." not in name])
def test_no_module_but_a_providers_own_compares_with_its_name(name: str) -> None:
    for node in ast.walk(MODULES[name]):
        if isinstance(node, ast.Compare):
            values = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
            assert not values & {"instaleap", "oneroute", "tawk", "docssmith"}, f"line {node.lineno}"


@pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith("webhooks.auth.")])
def test_no_module_but_a_modes_own_compares_with_its_slug(name: str) -> None:
    for node in ast.walk(MODULES[name]):
        if isinstance(node, ast.Compare):
            values = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
            assert not values & {"signature", "static_token", "dynamic_token"}, f"line {node.lineno}"


def test_no_template_compares_with_the_slug_of_a_mode() -> None:
    comparison = re.compile(r"[!=]= *[\"'](signature|static_token|dynamic_token)[\"']")
    assert not [path for path in (ROOT / "templates").rglob("*.html") if comparison.search(path.read_text())]
