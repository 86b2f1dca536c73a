"""Compiled translations: which catalogs in config/locale have none, and compiling them with Babel."""

from pathlib import Path

from babel.messages.frontend import CompileCatalog
from django.conf import settings

DOMAIN = "django"


def find_outdated() -> list[str]:
    """Return the locales (such as pt_BR) whose .mo file, which Django reads, is missing or older than the .po file."""
    pairs = [(path, path.with_suffix(".mo")) for path in _folder().glob(f"*/LC_MESSAGES/{DOMAIN}.po")]
    return sorted(
        po.parent.parent.name for po, mo in pairs if not mo.exists() or mo.stat().st_mtime <= po.stat().st_mtime
    )


def compile_outdated() -> None:
    """Write the .mo files of all catalogs, as `pybabel compile` does, unless all are up to date."""
    if find_outdated():
        command = CompileCatalog()
        command.directory, command.domain = _folder(), DOMAIN
        command.ensure_finalized()
        command.run()


def _folder() -> Path:
    return settings.LOCALE_PATHS[0]
