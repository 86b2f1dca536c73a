"""Extractors for `pybabel extract`: Django templates, and messages of packages that Django does not translate.

pyproject.toml ([tool.babel]) names them. An extractor receives an open binary file, the names of the functions that
mark messages, the tags of comments for translators, and its options; it yields the line number, the function's name,
its arguments and the comments of each marked message (https://babel.pocoo.org/en/latest/messages.html).
"""

import os
import sysconfig
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import django
from babel.messages import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import read_mo
from django.apps import apps
from django.conf import settings
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

type Marked = tuple[int, str, str | tuple[str | None, ...], list[str]]
type Extractor = Callable[[BinaryIO, Collection[str], Collection[str], Mapping[str, Any]], Iterator[Marked]]

SITE_PACKAGES = Path(sysconfig.get_path("purelib"))


def extract_template(
    file: BinaryIO, keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Marked]:
    """Yield the marked messages of a Django template."""
    # Python allows any indentation within brackets.
    calls = f"({templatize(file.read().decode())})"
    yield from EXTRACTORS[".py"](BytesIO(calls.encode()), keywords, comment_tags, options)


EXTRACTORS: dict[str, Extractor] = {
    # Babel annotates it with the types of extract(), which calls it with the names of the functions alone.
    ".py": extract_python,  # type: ignore[dict-item]
    ".html": extract_template,
}


def extract_packages(
    file: BinaryIO, keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Marked]:
    """Yield the marked messages that no installed app translates, of packages' files: `file` lists their patterns."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if not apps.ready:
        django.setup()
    for pattern in file.read().decode().split():
        for path in sorted(SITE_PACKAGES.glob(pattern)):
            with path.open("rb") as source:
                for line, function, arguments, comments in EXTRACTORS[path.suffix](source, keywords, comment_tags, {}):
                    if not _is_translated(function, arguments):
                        yield line, function, arguments, comments


def _is_translated(function: str, arguments: str | tuple[str | None, ...]) -> bool:
    """Return whether Django or an installed app translates a message into each of our languages."""
    words = (arguments,) if isinstance(arguments, str) else arguments
    context, id = (words[0], words[1]) if "pgettext" in function else (None, words[0])
    if id is None:
        return False
    return all(any(catalog.get(id, context) for catalog in catalogs) for catalogs in _catalogs_of_packages())


@cache
def _catalogs_of_packages() -> list[list[Catalog]]:
    """Return, for each of our languages but English, the compiled catalogs of Django and of the installed apps."""
    folders = [Path(django.__file__).parent / "conf" / "locale"]
    folders += [Path(app.path) / "locale" for app in apps.get_app_configs()]
    locales = [to_locale(code) for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    files = [
        [folder / locale / "LC_MESSAGES" / "django.mo" for folder in folders if folder not in settings.LOCALE_PATHS]
        for locale in locales
    ]
    return [[_read(path) for path in paths if path.exists()] for paths in files]


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_mo(file)
