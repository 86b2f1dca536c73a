"""Normalized names, e-mail addresses and phone numbers, as which stored values and search terms are compared."""

import re
import unicodedata

import phonenumbers
from django.conf import settings

MAX_PHONE_LENGTH = 50  # characters


def name(text: str) -> str:
    """Return a name without case, accents or punctuation: "Núñez-O'Connor" becomes "nunez oconnor"."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    letters = (
        "".join(letter for letter in letters if not unicodedata.combining(letter)).replace("'", "").replace("’", "")
    )
    return " ".join(re.findall(r"\w+", letters))


def email(text: str) -> str:
    """Return an e-mail address without case or surrounding space."""
    return text.strip().casefold()


def reversed_digits(text: str) -> str:
    """Return a phone's digits, last one first, so that its end, without a country code, is a prefix."""
    return "".join(letter for letter in reversed(text) if letter.isascii() and letter.isdigit())


def e164(text: str) -> str:
    """Return a phone number in ITU-T E.164 ("+522225550142"), or "" where the text cannot be read as one.

    A number without a country code is of settings.PHONE_REGION; one that is impossible there may have lost its plus.
    """
    spellings = [text, f"+{text.strip()}"] if len(text) <= MAX_PHONE_LENGTH else []
    for spelling in spellings:
        try:
            number = phonenumbers.parse(spelling, settings.PHONE_REGION)
        except phonenumbers.NumberParseException:
            continue
        national = number.national_number
        if number.country_code == 52 and national and re.fullmatch(r"1\d{10}", str(national)):
            # Mexico's mobile numbers lost this 1 in 2019; WhatsApp still writes it.
            number.national_number = national - 10**10
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return ""
