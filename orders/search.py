"""What is normalised when a job is written, and how a term finds it. Core PostgreSQL only: no extensions."""

import re
import unicodedata

import phonenumbers
from django.conf import settings
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q, QuerySet

MIN_PHONE_DIGITS = 4
LONGEST_PHONE = 50  # characters


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


def jobs(queryset: QuerySet, term: str) -> QuerySet:
    """Return the jobs that a term finds: a reference or job id (or its beginning), an e-mail (or its beginning), the
    end of a phone in any spelling, or words (or their beginnings) of the customer's name.
    """
    term = term.strip().replace("\x00", "")
    if not term:
        return queryset
    if "@" in term:
        return queryset.filter(search_email__startswith=email(term))
    found = Q(client_reference__startswith=term) | Q(external_id__startswith=term)
    if term.upper() != term or term.lower() != term:
        found |= Q(client_reference__startswith=term.upper()) | Q(external_id__startswith=term.lower())
    if digits := digits_of_phone(term):
        found |= Q(search_phone__startswith=digits)
    if query := words(term):
        queryset = queryset.annotate(name_vector=SearchVector("search_name", config="simple"))
        found |= Q(name_vector=query)
    return queryset.filter(found)


def words(term: str) -> SearchQuery | None:
    """Return what finds all words of `term`, or words that begin so, in a normalised column; None where it has none."""
    beginnings = [f"{word}:*" for word in name(term).split()]
    return SearchQuery(" & ".join(beginnings), config="simple", search_type="raw") if beginnings else None


def digits_of_phone(term: str) -> str:
    """Return the digits of a term that looks like a phone or its end, last one first, or ""."""
    digits = phone(term)
    return digits if len(digits) >= MIN_PHONE_DIGITS and re.fullmatch(r"[\d\s().+/-]+", term) else ""
