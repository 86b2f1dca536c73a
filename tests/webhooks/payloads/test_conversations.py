from datetime import UTC, datetime, timedelta, timezone

import pytest

from webhooks.payloads import conversations

TIME = datetime(2026, 3, 2, 17, 13, 22, 260001, tzinfo=UTC)
IN_PAKISTAN = timezone(timedelta(hours=5))


@pytest.mark.parametrize(
    ("time", "numbers", "key"),
    [
        (TIME, (), "01772471602260001"),
        (
            TIME.astimezone(IN_PAKISTAN),
            (7, 0),
            "01772471602260001|00000000000000007|00000000000000000",
        ),
        (None, (-1,), "00000000000000000|00000000000000000"),
        (datetime(1969, 12, 31, tzinfo=UTC), (), "00000000000000000"),
    ],
)
def test_a_sort_key_compares_as_text(time, numbers, key):
    assert conversations.sort_key(time, *numbers) == key


def test_a_deletion_comes_after_everything():
    assert conversations.sort_key(datetime.max.replace(tzinfo=UTC), 10**16) < conversations.DELETED_SORT_KEY


@pytest.mark.parametrize(
    ("position", "time"),
    [
        ("01772471602260001", "2026-03-02 17:13:22.260001+00:00"),
        ("01772471602260001|00000000000000007|00000000000000009", "2026-03-02 17:13:22.260001+00:00"),
        ("00000000000000000|00000000000000007", "None"),
        (conversations.DELETED_SORT_KEY, "None"),
        ("", "None"),
    ],
)
def test_a_position_begins_with_its_time(position, time):
    assert str(conversations.time_of(position)) == time


def test_an_id_that_is_derived_stays_the_same():
    assert conversations.derive_id("a", None, 1) == "72e79d69636a773da3acfa5143a55a24"
    assert conversations.derive_id("a", "", "1") == conversations.derive_id("a", None, 1)
    assert conversations.derive_id("a1") != conversations.derive_id("a", "1")
