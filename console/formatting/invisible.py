"""Invisible characters and those that change the direction of text: shown by their short names, so that no text
looks like another one.

Unicode's names and abbreviations: https://www.unicode.org/Public/UCD/latest/ucd/NameAliases.txt
"""

import re
import unicodedata

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

_ABBREVIATIONS = {
    0x00AD: "SHY",
    0x200B: "ZWSP",
    0x2060: "WJ",
    0x202A: "LRE",
    0x202B: "RLE",
    0x202C: "PDF",
    0x202D: "LRO",
    0x202E: "RLO",
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
    0xFEFF: "BOM",
}
# Left alone: the joiners U+200C and U+200D, which emoji and Persian are written with, and the marks U+200E, U+200F and
# U+061C, which right-to-left scripts are; as each text is isolated, those reach no further than their own.
_UNSEEN = re.compile(
    # A flag as that of Scotland is spelled with tags: it is no trick.
    "(?P<flag>\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u115f\u1160\u180e\u200b\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\ufffe\uffff\U000e0000-\U000e0fff]"
)
# The parts of a page that are no text, or that are typed in.
_MARKUP = re.compile(r"(<(?:textarea|script|style)\b.*?</(?:textarea|script|style)>|<[^>]*>)", re.DOTALL)


def replace_invisible(text: str) -> str:
    """Return a text with such characters written as ‹RLO›; line breaks stay."""
    return _UNSEEN.sub(lambda found: found[0] if found["flag"] else f"‹{_abbreviation(found[0])}›", _lines(text))


def mark_invisible(text: str) -> SafeString:
    """Return a text as escaped HTML with such characters marked; line breaks stay."""
    text, parts, end = _lines(text), [], 0
    for found in _UNSEEN.finditer(text):
        if not found["flag"]:
            parts += [escape(text[end : found.start()]), _mark(found[0])]
            end = found.end()
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308 - each part is escaped


def sanitize_page(page: str) -> str:
    """Return a page of HTML with such characters in its texts written as ‹RLO›.

    Its tags stay as they are: their attributes are copied from and followed.
    """
    if not _UNSEEN.search(page):  # as of nearly all
        return page
    parts = _MARKUP.split(page)
    parts[::2] = map(replace_invisible, parts[::2])
    return "".join(parts)


def _lines(text: str) -> str:
    return str(text).replace("\r\n", "\n")


def _abbreviation(character: str) -> str:
    return _ABBREVIATIONS.get(ord(character)) or f"U+{ord(character):04X}"


def _mark(character: str) -> SafeString:
    name = unicodedata.name(character, "") or f"U+{ord(character):04X}"
    return format_html('<span class="desk-unseen" title="{}">{}</span>', name.capitalize(), _abbreviation(character))
