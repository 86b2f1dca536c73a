"""A public name means one thing: no two modules of the apps define a class or a function of the same name."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.running import ROOT

APPS = ("config", "console", "webhooks", "orders", "chat")
# A value that a reader returns, and the model that stores it, have the same name.
VALUES_AND_MODELS = (
    {"webhooks/payloads/jobs.py", "orders/models.py"},
    {"webhooks/payloads/conversations.py", "chat/models.py"},
)
# Names that a contract gives, with the modules that follow it. This list may only shrink.
CONTRACTS = {
    "Command": "*/management/commands/*.py",  # Django loads the class of this name
    "Migration": "*/migrations/*.py",  # as Command
    "simulate": "webhooks/providers/*/simulator.py",  # as Provider.simulate(), which calls it
}


def public_names(module: Path) -> Iterator[str]:
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node.name


def test_a_public_name_is_defined_in_one_module():
    modules_of = defaultdict(set)
    for app in APPS:
        for module in (ROOT / app).rglob("*.py"):
            for name in public_names(module):
                modules_of[name].add(module.relative_to(ROOT))

    several = {name: modules for name, modules in modules_of.items() if len(modules) > 1}
    assert several.keys() >= {"Job", "Conversation", *CONTRACTS}
    assert {
        name: sorted(map(str, modules))
        for name, modules in several.items()
        if set(map(str, modules)) not in VALUES_AND_MODELS
        and not (name in CONTRACTS and all(module.match(CONTRACTS[name]) for module in modules))
    } == {}
