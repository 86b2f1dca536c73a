"""Durations, money, counts and texts as pages write them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.utils import translation

from console.formatting.durations import format_duration
from console.formatting.money import format_difference, format_money
from console.formatting.numbers import BoundedCount
from console.formatting.text import collapse_whitespace, shorten
from console.request_values import parse_pk
from tests.factories import UserFactory


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0.00 s"),
        (0.034, "0.03 s"),
        (-2.44, "2.4 s"),
        (45.9, "45 s"),
        (60, "1 min"),
        (70, "1 min 10 s"),
        (3 * 3600, "3 h"),
        (3 * 3600 + 5 * 60 + 59, "3 h 5 min"),
        (86400 + 59 * 60, "1 d"),
        (76 * 3600, "3 d 4 h"),
    ],
)
def test_a_duration_has_two_units(seconds, written):
    assert format_duration(timedelta(seconds=seconds)) == written


@pytest.mark.parametrize(("seconds", "written"), [(59, "0 min"), (119, "1 min"), (3659, "1 h")])
def test_a_duration_in_minutes(seconds, written):
    assert format_duration(timedelta(seconds=seconds), "min") == written


def test_a_duration_has_the_decimal_comma_of_its_language():
    with translation.override("pt-br"):
        assert format_duration(timedelta(seconds=2.5)) == "2,5 s"


def test_a_difference_has_its_sign():
    assert format_difference(Decimal("12.50"), "MXN") == "+12.50 MXN"
    assert format_difference(Decimal("-3"), "") == "−3"
    assert format_difference(Decimal(0), "MXN") == format_difference(None) == ""
    assert format_money(None, "MXN") == "–"


@pytest.mark.django_db
def test_a_count_stops_at_its_limit():
    for name in "abc":
        UserFactory(username=name)
    users = User.objects.all()
    assert str(BoundedCount.of(users, limit=3)) == "3"
    assert [str(count) for count in BoundedCount.of_each(users, users.filter(username="z"), limit=2)] == ["2+", "0"]
    assert not BoundedCount.of(users, limit=2).is_complete


def test_a_text_is_shortened_to_its_length():
    assert shorten("abcdef", 6) == "abcdef"
    assert shorten("abcdefg", 6) == "abcde…"
    assert collapse_whitespace(" a\u202e \n b ") == "a b"
    assert collapse_whitespace(None) == ""


@pytest.mark.parametrize(
    ("text", "pk"), [("12", 12), ("0", 0), ("", None), ("-1", None), ("²", None), ("٣", None), ("9" * 19, None)]
)
def test_a_primary_key_is_made_of_ascii_digits(text, pk):
    assert parse_pk(text) == pk
