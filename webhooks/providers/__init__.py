"""One module per provider and nothing else; a module's name is its slug."""

import pkgutil
from functools import cache
from importlib import import_module

from webhooks.provider import Provider


@cache
def registry() -> dict[str, Provider]:
    """Return each provider by its slug, from the modules in this folder."""
    modules = {module.name: import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)}
    return {slug: module.provider for slug, module in sorted(modules.items())}


def choices() -> list[tuple[str, str]]:
    """For Source.provider: a callable, so that a new provider needs no migration."""
    return [(slug, provider.name) for slug, provider in registry().items()]
