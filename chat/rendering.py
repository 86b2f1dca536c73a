"""What somebody wrote, as it is shown: text and nothing else, with links to the web and the words that were sought."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from console.formatting.invisible import mark_invisible, replace_invisible
from console.search import normalize

AROUND = 120  # characters of an excerpt before and after what was sought

_ADDRESS = re.compile(r"https?://[^\s<>\"“”«»]+", re.IGNORECASE)
_WORD = re.compile(r"\w+")


def web_address(url: str) -> str:
    """Return an address that may be followed, else "". One with a character that cannot be seen may not."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    is_web = parts.scheme in ("http", "https") and parts.hostname and not set(url) & set(' \t\r\n\\"<>')
    return url if is_web and replace_invisible(url) == url else ""


def shown(text: str, words: Iterable[str] = ()) -> SafeString:
    """Return a text, escaped, in which web addresses are links and words that hold one of `words` are marked."""
    words, parts, end = list(words), [], 0
    for found in _ADDRESS.finditer(text):
        address = _without_punctuation(found[0])
        if web_address(address):
            parts += [_marked(text[end : found.start()], words), _link(address)]
            end = found.start() + len(address)
    return _together([*parts, _marked(text[end:], words)])


def excerpt(text: str, words: Iterable[str]) -> SafeString:
    """Return, escaped, what stands around the first word of a text that holds one of `words`, these marked."""
    words = list(words)
    first = next((word.start() for word in _WORD.finditer(text) if _holds(word[0], words)), 0)
    start, end = max(0, first - AROUND), first + AROUND
    part = _marked(text[start:end], words)
    return format_html("{}{}{}", "…" if start else "", part, "…" if end < len(text) else "")


def sought(term: str) -> list[str]:
    """Return the words of a term as console.search.query normalises what is searched."""
    return normalize.name(term).split()


def _without_punctuation(address):
    """The full stop after an address is its sentence's, and so is a bracket that it does not open."""
    while address[-1] in ".,;:!?'*_~" or (
        address[-1] in ")]}" and address.count(address[-1]) > address.count("([{"[")]}".index(address[-1])])
    ):
        address = address[:-1]
    return address


def _link(address):
    return format_html(
        '<a href="{}" dir="ltr" target="_blank" rel="noopener noreferrer nofollow">{}</a>', address, address
    )


def _marked(text, words):
    if not words:
        return mark_invisible(text)
    parts, end = [], 0
    for word in _WORD.finditer(text):
        if _holds(word[0], words):
            parts += [mark_invisible(text[end : word.start()]), format_html("<mark>{}</mark>", mark_invisible(word[0]))]
            end = word.end()
    return _together([*parts, mark_invisible(text[end:])])


def _holds(word, words):
    normalised = normalize.name(word)
    return any(each in normalised for each in words)


def _together(parts):
    return mark_safe("".join(parts))  # noqa: S308 - each part is escaped
