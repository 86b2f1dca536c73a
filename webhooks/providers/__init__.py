"""One module per provider, whose name is the provider's slug.

`base` and `signatures` are their contract, `story` is for simulators.
"""

import pkgutil
from functools import cache
from importlib import import_module

from webhooks.providers.base import Provider

NOT_PROVIDERS = {"base", "signatures", "story"}


@cache
def registry() -> dict[str, Provider]:
    """Return each provider by its slug, from the modules in this folder."""
    slugs = sorted({module.name for module in pkgutil.iter_modules(__path__)} - NOT_PROVIDERS)
    return {slug: import_module(f"{__name__}.{slug}").provider for slug in slugs}


def get_provider_choices() -> list[tuple[str, str]]:
    """For Source.provider: a callable, so that a new provider needs no migration."""
    return [(slug, provider.name) for slug, provider in registry().items()]
