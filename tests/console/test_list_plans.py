"""Each filter, order and page of our lists reads an index, however many rows there are: shown on some ten thousand."""

import json
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chat.models import Contact, Conversation, Message
from console.changelist import changelist
from orders.models import Job
from webhooks.models import Event

ROWS = 10_000
FILL = f"""
    INSERT INTO webhooks_event (
        source_id, type, subject, external_id, dedup_key, body_hash, body, headers, status,
        auth_mode, signed_content, error,
        received_at, occurred_at
    )
    SELECT %(source)s, 'TYPE_' || number %% 40, 'job-' || number / 20, number, sha256(number::text::bytea),
           sha256(number::text::bytea), '{{}}', '{{}}', CASE WHEN number %% 500 = 0 THEN 'dead' ELSE 'processed' END,
           'signature', '', CASE WHEN number %% 500 = 0 THEN 'KeyError: x' ELSE '' END,
           now() - ({ROWS} - number) * interval '1 minute', now() - ({ROWS} - number) * interval '1 minute'
    FROM generate_series(1, {ROWS}) AS number;

    INSERT INTO orders_job (
        provider, client_id, external_id, received_through_id, client_reference, status, operational_model, source,
        cancellation_source, job_comment, delivery_code, payment_method, payment_status, currency_code, store_name,
        store_reference, recipient_name, recipient_email, recipient_phone_number, first_event_at, last_event_at,
        last_event_type, position, snapshot, search_name, search_email, phone_digits_reversed, e164, missing_items,
        slot_from, slot_to, ended_at
    )
    SELECT 'instaleap', 'CLIENT', 'job-' || number, %(source)s, 'REF' || number,
           CASE WHEN number %% 100 = 0 THEN 'PROCESSING' WHEN number %% 10 = 0 THEN 'CANCELLED' ELSE 'FINISHED' END,
           'MODEL_' || number %% 6, '', '', '', '', '', '', '', 'Store ' || number %% 200, '', '', '', '', moment,
           moment,
           'CREATED', '', '{{}}', '', '', '', '', CASE WHEN number %% 20 = 0 THEN 1 ELSE 0 END, moment, moment, moment
    FROM generate_series(1, {ROWS}) AS number, LATERAL (SELECT now() - number * interval '1 hour' AS moment) AS at;

    INSERT INTO chat_contact (source_id, external_id, field_versions, deleted,
        name, email, phone_number, avatar_url, city,
                              country, search_name, search_email, phone_digits_reversed, e164)
    SELECT %(source)s, number, '{{}}', false, 'Name', '', '', '', '', '', 'name', '', '', ''
    FROM generate_series(1, {ROWS}) AS number;

    INSERT INTO chat_conversation (
        source_id, external_id, field_versions, deleted,
        subject, account, account_name, channel, channel_name, country, status,
        agent, job_id, message_count, last_text, active_at, unanswered
    )
    SELECT %(source)s, number, '{{}}', false, 'x', 'CLIENT', '', 'CHANNEL_' || number %% 50, '', '',
           'STATUS_' || number %% 50, '', CASE WHEN number %% 3 = 0 THEN 'job-' || number ELSE '' END, 1, '',
           now() - number * interval '1 hour', number %% 100 = 0
    FROM generate_series(1, {ROWS}) AS number;

    INSERT INTO chat_message (
        source_id, external_id, field_versions, deleted,
        conversation_id, sender, direction, kind, text, quoted_id, versions,
        search_text, sent_at
    )
    SELECT %(source)s, id, '{{}}', false, id, '', 'in', 'text', 'x', '', '[]', 'x', active_at FROM chat_conversation;

    ANALYZE;
"""
BIG = {model._meta.db_table for model in (Job, Contact, Conversation, Message, Event)}
# Where most of the rows have it, reading them in their order is no search; its cost is that of a page.
QUERIES = {
    "orders_job": [
        "",
        "status=CANCELLED",
        "operational_model=MODEL_1",
        "store=Store 7",
        "store=store 17",
        "slot=today",
        "slot=tomorrow",
        "slot=late",
        "slot=under-way",
        "slot_day_from=2026-01-01&slot_day_to=2026-01-02",
        "ended=today",
        "ended=today&status=CANCELLED",
        "missing=yes",
        "missing=yes&slot=today",
        "unanswered=yes",
        "status=CANCELLED&store=Store 7&missing=yes",
        "o=3",
        "o=-3",
        "o=6",
    ],
    "chat_conversation": [
        "",
        "channel=CHANNEL_7",
        "status=STATUS_7",
        "unanswered=yes",
        "job=yes",
        "job=no",
        "active=today",
        "active_day_from=2026-01-01&active_day_to=2026-01-02",
        "provider=instaleap",
        "source={source}",
        "source={other}",
    ],
    "chat_message": ["", "sent=today", "sent_day_from=2026-01-01", "source={other}", "direction=in"],
    "chat_contact": ["", "source={other}"],
    "webhooks_event": [
        "",
        "source={other}",
        "type=TYPE_7",
        "status=dead",
        "error=key",
        "received_from={day}T08:00&received_to={day}T09:00",
        "received_from={day}T08:00&received_to={day}T09:00&type=TYPE_7&status=dead",
        "type=TYPE_7&status=dead",
        "o=6",
        "o=-6",
    ],
}


def scans(statement: str) -> set[str]:
    """Return the big tables that a statement reads from end to end, or would where it finds too little."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        (plan,) = cursor.fetchone()
    found, plans = set(), [(json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"] | {"Limited": False}]
    while plans:
        node = plans.pop()
        # Without a condition, whoever wants so many rows finds them at once.
        if node["Node Type"] == "Seq Scan" and not (node["Limited"] and "Filter" not in node):
            found.add(node["Relation Name"])
        limited = node["Node Type"] == "Limit" or node["Limited"]
        plans += [below | {"Limited": limited} for below in node.get("Plans", [])]
    return found & BIG


@pytest.fixture
def big(source, source_of):
    other = source_of("tawk", slug="tawk")
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"source": source.pk})
    return {"source": source.pk, "other": other.pk, "day": "2026-01-02"}


def test_no_filter_order_or_page_reads_a_table_from_end_to_end(big, client, ivo, monkeypatch):
    # As ten thousand are of millions.
    monkeypatch.setattr(changelist.BoundedPaginator, "max_count", 100)
    client.force_login(ivo)
    assert scans("SELECT 1 FROM orders_job WHERE job_comment = 'x'") == {"orders_job"}, "It would see one that does."
    found, seen = [], set()
    for page, queries in QUERIES.items():
        url = reverse(f"admin:{page}_changelist")
        for query in queries:
            query = query.format(**big)
            cache.clear()
            addresses = [f"?{query}", f"?{query}&before=end"]
            while addresses:
                address = addresses.pop()
                with CaptureQueriesContext(connection) as asked:
                    listed = client.get(f"{url}{address}")
                assert listed.status_code == 200
                assert len(asked) <= 25
                about = [one["sql"] for one in asked if re.match(r"\s*(SELECT|WITH)", one["sql"])]
                about = {one for one in about if any(table in one for table in BIG)} - seen
                seen |= about
                found += [(page, address, tables, one) for one in about if (tables := scans(one))]
                if "end" not in address and "after" not in address and (following := listed.context["cl"].next_url):
                    addresses.append(following)
    assert not found, "\n".join(f"{page}{address}: {tables} {one[:1500]}" for page, address, tables, one in found)
