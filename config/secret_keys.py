"""Keys that a machine without settings makes for itself, once, in DATA_DIR."""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

new_secret_key = get_random_secret_key


def new_encryption_key() -> str:
    return Fernet.generate_key().decode()


def generated(path: Path, make: Callable[[], str]) -> str:
    """Return the key in `path`, made with make() where there is none; only its owner can read it (mode 600)."""
    try:
        return path.read_text()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and then linked, so that of two first starts one wins and nobody reads half a key.
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:  # mode 600
        file.write(make())
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)
    return path.read_text()


def validate_encryption_keys(keys: list[str]) -> None:
    """Raise ImproperlyConfigured, without quoting any of them, where one is no Fernet key."""
    for number, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError:
            raise ImproperlyConfigured(
                f"ENCRYPTION_KEYS: key {number} of {len(keys)} is no Fernet key (32 bytes in URL-safe base64);"
                " .env.example says how to make one"
            ) from None
