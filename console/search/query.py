"""Search terms: the type that a text looks like, and the normalized forms in which it is searched."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from console.search import normalize

MAX_TERM_LENGTH = 200  # characters
MIN_PHONE_DIGITS = 4


@dataclass(frozen=True)
class TermType:
    """The form of a term.

    The pattern's syntax is common to Python and JavaScript: static/console/search.js describes a term as it is typed.
    """

    code: str
    pattern: str
    description: str | Promise


# With the dashes and the direction marks that are often copied together with a number.
_PHONE_CHARACTERS = r"(?:tel:)?[0-9\s().+/\u2010-\u2015\u200e\u200f\u202a-\u202e\u2066-\u2069-]+$"
EMAIL = TermType("email", "@", _("Looks like an e-mail address or the beginning of one."))
PHONE = TermType(
    "phone",
    rf"^(?:(?=[^+0-9]*\+(?:[^0-9]*[0-9]){{{MIN_PHONE_DIGITS}}})|(?=(?:[^0-9]*[0-9]){{7}})){_PHONE_CHARACTERS}",
    _("Looks like a phone number: searched in any spelling and by its last digits. It may also be a reference."),
)
DIGITS = TermType(
    "digits",
    rf"^(?=[^0-9]*[0-9]){_PHONE_CHARACTERS}",
    _("Looks like a short number: a delivery code, the last digits of a phone, or the beginning of a reference."),
)
IDENTIFIER = TermType(
    "id",
    r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
    _("Looks like the ID of a job, a conversation or an event."),
)
REFERENCE = TermType(
    "reference", r"^\S*[0-9]\S*$", _("Looks like a reference, an ID or a code, or the beginning of one.")
)
WORDS = TermType("words", r"[A-Za-z]|[^\x00-\x7f]", _("Searching names and messages."))
NOTHING = TermType("nothing", "", _("Enter letters or digits to search."))
# A term is of the first type whose pattern matches.
TERM_TYPES = [EMAIL, PHONE, DIGITS, IDENTIFIER, REFERENCE, WORDS, NOTHING]


@dataclass(frozen=True)
class SearchTerm:
    """A text that was typed into a search box."""

    text: str
    type: TermType
    _results: dict[Callable[["SearchTerm"], Any], Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def parse(cls, typed: str) -> "SearchTerm":
        """Return the term of a text, cut to MAX_TERM_LENGTH."""
        text = typed.strip()[:MAX_TERM_LENGTH].strip()
        return cls(text, next(term_type for term_type in TERM_TYPES if re.search(term_type.pattern, text)))

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def is_one_word(self) -> bool:
        return len(self.text.split()) == 1

    @cached_property
    def spellings(self) -> list[str]:
        """The text as typed, in capitals and in small letters: the spellings of references and ids."""
        return list(dict.fromkeys([self.text, self.text.upper(), self.text.lower()]))

    @cached_property
    def email(self) -> str:
        return normalize.email(self.text)

    @cached_property
    def last_digits(self) -> str:
        """The digits of a phone or of its end, last one first; "" for a term that is neither."""
        digits = normalize.reversed_digits(self.text) if self.type in (PHONE, DIGITS) else ""
        return digits if len(digits) >= MIN_PHONE_DIGITS else ""

    @cached_property
    def e164(self) -> str:
        return normalize.e164(self.text) if self.type is PHONE else ""

    def text_query(self, min_length: int = 2) -> SearchQuery | None:
        """Return a query for normalized columns that hold all words of the term, or words that begin with them.

        Too many words begin with fewer than `min_length` letters: such a word is ignored where there are longer ones,
        and matches only itself where there are none. In scripts without an alphabet one character is a word. None for
        a term without words.
        """
        words = normalize.name(self.text).split()
        prefixes = [f"{word}:*" for word in words if len(word) >= min_length or not word.isascii()]
        return SearchQuery(" & ".join(prefixes or words), config="simple", search_type="raw") if words else None

    def get_or_run[T](self, search: Callable[["SearchTerm"], T]) -> T:
        """Return search(self), which runs once however many providers need it."""
        if search not in self._results:
            self._results[search] = search(self)
        result: T = self._results[search]
        return result
