"""Rendering of texts that strangers wrote: escaped, with links to the web and with the words of a search marked."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from console.formatting.invisible import mark_invisible, replace_invisible
from console.search import normalize

EXCERPT_MARGIN = 120  # characters of an excerpt before and after the word that was found

_ADDRESS = re.compile(r"https?://[^\s<>\"“”«»]+", re.IGNORECASE)
_WORD = re.compile(r"\w+")


def web_address(url: str) -> str:
    """Return an http or https address that is safe to link, else ""; one with an invisible character is not."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    is_web = parts.scheme in ("http", "https") and parts.hostname and not set(url) & set(' \t\r\n\\"<>')
    return url if is_web and replace_invisible(url) == url else ""


def linkify(text: str, words: Iterable[str] = ()) -> SafeString:
    """Return a text as HTML: web addresses become links, and words that contain one of `words` are marked."""
    words, parts, end = list(words), [], 0
    for found in _ADDRESS.finditer(text):
        address = _strip_punctuation(found[0])
        if web_address(address):
            parts += [_mark_words(text[end : found.start()], words), _link(address)]
            end = found.start() + len(address)
    return _join([*parts, _mark_words(text[end:], words)])


def excerpt(text: str, words: Iterable[str]) -> SafeString:
    """Return as HTML the part of a text around its first word that contains one of `words`, with these marked."""
    words = list(words)
    first = next((word.start() for word in _WORD.finditer(text) if _contains(word[0], words)), 0)
    start, end = max(0, first - EXCERPT_MARGIN), first + EXCERPT_MARGIN
    part = _mark_words(text[start:end], words)
    return format_html("{}{}{}", "…" if start else "", part, "…" if end < len(text) else "")


def search_words(term: str) -> list[str]:
    """Return the words of a search term, normalised as the searched texts are."""
    return normalize.name(term).split()


def _strip_punctuation(address: str) -> str:
    """Return an address without the full stop of the sentence around it, or a bracket that it does not open."""
    while address[-1] in ".,;:!?'*_~" or (
        address[-1] in ")]}" and address.count(address[-1]) > address.count("([{"[")]}".index(address[-1])])
    ):
        address = address[:-1]
    return address


def _link(address: str) -> SafeString:
    return format_html(
        '<a href="{}" dir="ltr" target="_blank" rel="noopener noreferrer nofollow">{}</a>', address, address
    )


def _mark_words(text: str, words: list[str]) -> SafeString:
    if not words:
        return mark_invisible(text)
    parts: list[SafeString] = []
    end = 0
    for word in _WORD.finditer(text):
        if _contains(word[0], words):
            parts += [mark_invisible(text[end : word.start()]), format_html("<mark>{}</mark>", mark_invisible(word[0]))]
            end = word.end()
    return _join([*parts, mark_invisible(text[end:])])


def _contains(word: str, words: list[str]) -> bool:
    normalised = normalize.name(word)
    return any(each in normalised for each in words)


def _join(parts: list[SafeString]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 - each part is escaped
