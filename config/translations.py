"""The catalogues in config/locale: collected and compiled with Babel, so that no GNU gettext has to be there."""

import gettext
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.conf import settings
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

LOCALE = settings.LOCALE_PATHS[0]
LOCALES = [to_locale(code) for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
OURS = [settings.BASE_DIR / name for name in ("config", "webhooks", "orders", "chat", "templates")]
# These come without translations into our languages; what Django's own lack of their strings, ours have.
UNFOLD = Path(find_spec("unfold").origin).parent
AXES = Path(find_spec("axes").origin).parent / "models.py"
# What of it is for packages that are not here.
UNUSED = {path.name for path in (UNFOLD / "contrib").iterdir() if not apps.is_installed(f"unfold.contrib.{path.name}")}
UNUSED |= {"unfold_crispy"}

HEADER = """\
msgid ""
msgstr ""
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def po(locale: str) -> Path:
    return LOCALE / locale / "LC_MESSAGES" / "django.po"


def read(locale: str) -> Catalog:
    with po(locale).open("rb") as file:
        return read_po(file, locale=locale)


def collect() -> Catalog:
    """Return all that is marked in our Python and our templates, and what Unfold and axes mark and Django lacks."""
    catalogue = Catalog()
    for folder in OURS:
        for path in _files(folder):
            for id, context, comments in _marked(path):
                place = str(path.relative_to(settings.BASE_DIR)), None
                catalogue.add(id, context=context, locations=[place], auto_comments=comments)
    of_unfold = [path for path in _files(UNFOLD) if not UNUSED.intersection(path.relative_to(UNFOLD).parts)]
    for package, paths in (("unfold", of_unfold), ("axes", [AXES])):
        for id, context, _ in (marked for path in paths for marked in _marked(path)):
            if not _is_known(id, context):
                catalogue.add(id, context=context, locations=[(package, None)])
    return catalogue


def update(locale: str, collected: Catalog) -> Catalog:
    """Write a language's .po anew: what is new is empty, what is no longer marked is gone; return what stands there."""
    known = read(locale) if po(locale).exists() else Catalog()
    catalogue = Catalog(locale)
    for message in collected:
        if message.id:
            old = known.get(message.id, message.context)
            catalogue.add(
                message.id,
                old.string if old and old.id == message.id else None,
                locations=sorted(set(message.locations)),
                auto_comments=message.auto_comments,
                user_comments=old.user_comments if old else (),
                context=message.context,
            )
    text = BytesIO()
    write_po(text, catalogue, width=0, omit_header=True, sort_by_file=True)
    po(locale).parent.mkdir(parents=True, exist_ok=True)
    header = HEADER.format(locale=locale, plural_forms=catalogue.plural_forms)
    po(locale).write_text(header + text.getvalue().decode())
    return catalogue


def outdated() -> list[str]:
    """Return the languages whose .mo, which is what Django reads, is older than its .po, or not there."""
    pairs = [(locale, po(locale), po(locale).with_suffix(".mo")) for locale in LOCALES]
    return [name for name, source, mo in pairs if not mo.exists() or mo.stat().st_mtime <= source.stat().st_mtime]


def compile() -> list[str]:
    """Write the .mo of each language that is outdated; return which were."""
    written = outdated()
    for locale in written:
        # Written aside and then renamed: of two first starts none reads half a file.
        with tempfile.NamedTemporaryFile(dir=po(locale).parent, delete=False) as file:
            write_mo(file, read(locale))
        os.chmod(file.name, 0o644)
        os.replace(file.name, po(locale).with_suffix(".mo"))
    return written


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".html", ".txt") and "migrations" not in path.parts:
            yield path


def _marked(path: Path) -> Iterator[tuple]:
    """Yield each marked string of a file: its id (of a plural a pair), context, and comments for who translates."""
    text = path.read_text()
    if path.suffix != ".py":
        text = f"({templatize(text)})"  # in brackets, where Python lets text be indented as it likes
    for _, id, comments, context in extract("python", BytesIO(text.encode()), KEYWORDS, ["Translators:"]):
        yield id, context, comments


def _is_known(id, context) -> bool:
    """Return whether Django, or an app that is installed, brings a translation into each of our languages."""
    key = id if isinstance(id, str) else (id[0], 0)
    return all(
        any((f"{context}\x04{key}" if context else key) in catalogue for catalogue in _of_others(locale))
        for locale in LOCALES
    )


@cache
def _of_others(locale: str) -> list[dict]:
    folders = [Path(find_spec("django").origin).parent / "conf" / "locale"]
    folders += [Path(app.path) / "locale" for app in apps.get_app_configs()]
    files = [folder / locale / "LC_MESSAGES" / "django.mo" for folder in folders if folder not in settings.LOCALE_PATHS]
    return [gettext.GNUTranslations(file.open("rb"))._catalog for file in files if file.exists()]
