"""What is normalised when a job is written, and how a term finds it. Core PostgreSQL only: no extensions."""

import re
import unicodedata

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q, QuerySet

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
    digits = phone(term)
    if len(digits) >= MIN_PHONE_DIGITS and re.fullmatch(r"[\d\s().+/-]+", term):
        found |= Q(search_phone__startswith=digits)
    words = name(term).split()
    if words:
        query = SearchQuery(" & ".join(f"{word}:*" for word in words), config="simple", search_type="raw")
        queryset = queryset.annotate(name_vector=SearchVector("search_name", config="simple"))
        found |= Q(name_vector=query)
    return queryset.filter(found)
