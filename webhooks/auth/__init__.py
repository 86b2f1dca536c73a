"""Authentication modes, one module each, and the sources, secrets and access tokens that they verify requests with.

webhooks.auth_modes is their contract. A module in this folder that registers an AuthMode adds a mode; no list has to be
extended, and no other package compares slugs of modes.
"""

import pkgutil
from importlib import import_module


def import_modes() -> None:
    """Import every module in this folder, so that each mode registers."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
