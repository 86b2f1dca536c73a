"""What somebody typed into a search box: what it is, and how what it may find is written down."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import phonenumbers
from django.conf import settings
from django.contrib.postgres.search import SearchQuery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LONGEST = 200  # characters of a term
LONGEST_PHONE = 50  # characters
MIN_PHONE_DIGITS = 4


def name(text: str) -> str:
    """Return a name without case, accents or punctuation: "Núñez-O'Connor" becomes "nunez oconnor"."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    letters = (
        "".join(letter for letter in letters if not unicodedata.combining(letter)).replace("'", "").replace("’", "")
    )
    return " ".join(re.findall(r"\w+", letters))


def email(text: str) -> str:
    return text.strip().casefold()


def phone(text: str) -> str:
    """Return a phone's digits, last one first, so that its end, without a country's code, is a prefix."""
    return "".join(letter for letter in reversed(text) if letter.isascii() and letter.isdigit())


def e164(text: str) -> str:
    """Return a phone as every spelling of it is compared ("+522225550142"), or "" where it cannot be read as one.

    One without a country's code is of settings.PHONE_REGION; one that makes no sense there may have lost its plus.
    """
    spellings = [text, f"+{text.strip()}"] if len(text) <= LONGEST_PHONE else []
    for spelling in spellings:
        try:
            number = phonenumbers.parse(spelling, settings.PHONE_REGION)
        except phonenumbers.NumberParseException:
            continue
        if number.country_code == 52 and re.fullmatch(r"1\d{10}", str(number.national_number)):
            # Mexico's mobiles lost this 1 in 2019; WhatsApp still writes it.
            number.national_number -= 10**10
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return ""


@dataclass(frozen=True)
class Kind:
    """What a term looks like. The pattern is of the regular expressions that Python and JavaScript share, so that the
    box says the same while one types (static/console/search.js) as the answer does.
    """

    code: str
    pattern: str
    sentence: str | Promise


# With the dashes and the marks of direction that come along where a number is copied.
_PHONE_CHARACTERS = r"(?:tel:)?[0-9\s().+/\u2010-\u2015\u200e\u200f\u202a-\u202e\u2066-\u2069-]+$"
EMAIL = Kind("email", "@", _("Looks like an e-mail address: whose it is, or whose begins so."))
PHONE = Kind(
    "phone",
    rf"^(?:(?=[^+0-9]*\+(?:[^0-9]*[0-9]){{{MIN_PHONE_DIGITS}}})|(?=(?:[^0-9]*[0-9]){{7}})){_PHONE_CHARACTERS}",
    _("Looks like a phone number: found in any spelling, and by its last digits. It may be a reference, too."),
)
DIGITS = Kind(
    "digits",
    rf"^(?=[^0-9]*[0-9]){_PHONE_CHARACTERS}",
    _("Looks like a short number: a delivery code, the last digits of a phone, or how a reference begins."),
)
IDENTIFIER = Kind(
    "id",
    r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
    _("Looks like an id: of a job, a conversation or an event."),
)
REFERENCE = Kind("reference", r"^\S*[0-9]\S*$", _("Looks like a reference, an id or a code, or how one begins."))
WORDS = Kind("words", r"[A-Za-z]|[^\x00-\x7f]", _("Looks like a name, or words that somebody wrote."))
NOTHING = Kind("nothing", "", _("There is nothing in this to search for: it needs letters or digits."))
# The first whose pattern matches is what a term looks like.
KINDS = [EMAIL, PHONE, DIGITS, IDENTIFIER, REFERENCE, WORDS, NOTHING]


@dataclass(frozen=True)
class Term:
    """What was typed, and what it may be."""

    text: str
    kind: Kind
    _answers: dict[Callable, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, typed: str) -> "Term":
        text = typed.strip()[:LONGEST].strip()
        return cls(text, next(kind for kind in KINDS if re.search(kind.pattern, text)))

    def __bool__(self):
        return bool(self.text)

    @property
    def is_one_word(self) -> bool:
        return len(self.text.split()) == 1

    @cached_property
    def spellings(self) -> list[str]:
        """As it was typed, in capitals and in small letters: how references and ids are spelled."""
        return list(dict.fromkeys([self.text, self.text.upper(), self.text.lower()]))

    @cached_property
    def email(self) -> str:
        return email(self.text)

    @cached_property
    def last_digits(self) -> str:
        """The digits of what may be a phone or its end, last one first, or ""."""
        digits = phone(self.text) if self.kind in (PHONE, DIGITS) else ""
        return digits if len(digits) >= MIN_PHONE_DIGITS else ""

    @cached_property
    def e164(self) -> str:
        return e164(self.text) if self.kind is PHONE else ""

    def words(self, shortest: int = 2) -> SearchQuery | None:
        """Return what finds all its words, or words that begin so, in a normalised column; None where it has none.

        What is shorter than `shortest` begins too many words: it counts for nothing beside longer ones, and stands
        for itself alone. Scripts without an alphabet say much with one character.
        """
        words = name(self.text).split()
        beginnings = [f"{word}:*" for word in words if len(word) >= shortest or not word.isascii()]
        return SearchQuery(" & ".join(beginnings or words), config="simple", search_type="raw") if words else None

    def once(self, ask: Callable[["Term"], Any]) -> Any:
        """Return ask(self), asked once however many need it."""
        if ask not in self._answers:
            self._answers[ask] = ask(self)
        return self._answers[ask]
