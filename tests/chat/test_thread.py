"""Pages of a conversation's messages: each message once and in order, even where times are missing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat import thread
from chat.message_views import TEXT_LIMIT
from chat.models import Conversation, Message
from tests.factories import SourceFactory

START = datetime(2026, 3, 2, 23, 50, tzinfo=UTC)


@pytest.fixture
def conversation(db):
    return Conversation.objects.create(source=SourceFactory(provider="oneroute"), external_id="c", channel="WHATSAPP")


@pytest.fixture
def add_messages(conversation):
    """Return a function that stores messages, given their minutes (None: without a time)."""

    def add_messages(minutes, **fields):
        messages = [
            Message(
                source=conversation.source,
                conversation=conversation,
                external_id=f"m{number:05d}",
                sent_at=None if minute is None else START + timedelta(minutes=minute),
                **{"direction": "in", "sender": "Ana", "kind": "text", "text": f"message {number}"} | fields,
            )
            for number, minute in enumerate(minutes)
        ]
        for message in messages:
            message.search_text = message.text
        return Message.objects.bulk_create(messages)

    return add_messages


def texts(window):
    return [message.text for message in window.messages]


MINUTES = {
    "dated": list(range(120)),
    "all at the same moment": [5] * 120,
    "undated": [None] * 120,
    "some undated": [None, 1] * 60,
}


@pytest.mark.parametrize("minutes", MINUTES.values(), ids=MINUTES)
def test_going_back_shows_each_once_and_in_order(conversation, add_messages, minutes):
    add_messages(minutes)
    in_order = [message.text for message in conversation.messages.order_by("sent_at", "external_id")]
    window, seen = thread.newest(conversation), []
    while True:
        seen = texts(window) + seen
        if not window.has_earlier:
            break
        window = thread.before(conversation, window.first)
    assert seen == in_order


@pytest.mark.parametrize("minutes", MINUTES.values(), ids=MINUTES)
def test_going_forward_shows_each_once_and_in_order(conversation, add_messages, minutes):
    add_messages(minutes)
    in_order = [message.text for message in conversation.messages.order_by("sent_at", "external_id")]
    first = conversation.messages.order_by("sent_at", "external_id").first()
    window = thread.after(conversation, first)
    seen = texts(window)
    while window.has_later:
        window = thread.after(conversation, window.last)
        seen += texts(window)[1:]  # it begins with the message that it continues from
    assert seen == in_order


@pytest.mark.parametrize("minutes", MINUTES.values(), ids=MINUTES)
def test_a_message_is_shown_with_those_around_it(conversation, add_messages, minutes):
    add_messages(minutes)
    in_order = list(conversation.messages.order_by("sent_at", "external_id"))
    window = thread.around(conversation, in_order[60])
    assert texts(window) == [message.text for message in in_order[35:85]]
    assert (window.has_earlier, window.has_later) == (True, True)
    since = thread.since(conversation, in_order[60])
    assert texts(since) == [message.text for message in in_order[60:]]
    assert since.has_earlier
    assert thread.find_page_start(conversation, in_order[60]) == in_order[10].pk
    assert thread.find_page_start(conversation, in_order[10]) == in_order[0].pk
    assert thread.find_page_start(conversation, in_order[0]) is None


def test_messages_of_one_sender_within_minutes_are_a_group(conversation, add_messages):
    add_messages([0, 1, 7, 11, 12])
    window = thread.newest(conversation)
    assert [view.starts_group for view in window.messages] == [True, False, True, True, False]
    assert [bool(view.day) for view in window.messages] == [True, False, False, True, False]


def test_a_long_message_is_cut_until_it_is_expanded(conversation, add_messages):
    add_messages([0], text="x" * 100_000)
    window = thread.newest(conversation)
    (view,) = window.messages
    assert (len(view.text), view.remaining_length) == (TEXT_LIMIT, 100_000 - TEXT_LIMIT)
    (whole,) = thread.expand_message(window, str(view.message.pk)).messages
    assert (len(whole.text), whole.is_whole) == (100_000, True)


def test_finds_in_batches_until_all_messages_are_searched(conversation, add_messages, monkeypatch):
    monkeypatch.setattr(thread, "SEARCH_BATCH", 30)
    add_messages(range(100))
    Message.objects.filter(external_id__in=["m00003", "m00095"]).update(search_text="un cafe molido")
    Message.objects.filter(external_id="m00096").update(search_text="un cafe", deleted=True)
    found, end, steps = [], None, 0
    while steps == 0 or end:
        part = thread.search_thread(conversation, ["cafe"], end)
        found, end, steps = found + [each.message.external_id for each in part.messages], part.searched_until, steps + 1
    assert (found, steps) == (["m00095", "m00003"], 4)


def test_finds_a_limited_number_and_continues_from_there(conversation, add_messages, monkeypatch):
    monkeypatch.setattr(thread, "MAX_FOUND", 10)
    add_messages([None] * 5 + list(range(20)), text="the same word")
    first = thread.search_thread(conversation, ["word"])
    second = thread.search_thread(conversation, ["word"], first.searched_until)
    third = thread.search_thread(conversation, ["word"], second.searched_until)
    found = [each.message.pk for part in (first, second, third) for each in part.messages]
    assert (len(found), len(set(found)), third.searched_until) == (25, 25, None)


@pytest.mark.parametrize("minutes", [range(2_000), [5] * 2_000], ids=["dated", "all at the same moment"])
def test_no_step_reads_a_long_conversation(conversation, add_messages, minutes):
    add_messages(minutes)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE chat_message")
    middle = conversation.messages.get(external_id="m01000")
    for step in (
        lambda: thread.newest(conversation),
        lambda: thread.before(conversation, middle),
        lambda: thread.after(conversation, middle),
        lambda: thread.around(conversation, middle),
    ):
        with CaptureQueriesContext(connection) as queries:
            step()
        assert len(queries) <= 5
        assert sum(rows_read(query["sql"]) for query in queries if "last_versions" in query["sql"]) <= 120


def rows_read(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        return _rows(cursor.fetchone()[0][0]["Plan"])


def _rows(plan):
    """Return how many rows of messages the scans of a plan gave or threw away."""
    own = 0
    if plan.get("Relation Name") == "chat_message":
        own = plan["Actual Rows"] * plan["Actual Loops"] + plan.get("Rows Removed by Filter", 0)
    return own + sum(_rows(part) for part in plan.get("Plans", []))
