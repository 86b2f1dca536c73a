"""What came is stored compressed, and comes back as it came."""

import hashlib
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Value
from hypothesis import given
from hypothesis import strategies as st

from tests import payloads
from webhooks.models import Event, Source
from webhooks.payloads import compression


@given(st.binary())
def test_any_bytes_come_back(body):
    assert compression.restored(compression.compressed(body)) == body


def test_what_was_stored_with_the_first_dictionary_can_be_read_for_ever():
    stored = "0128b52ffd204e050100603146494e49534845445d7d7d0500777542798bc301749dcd0ae5cd7f336105"
    body = b'{"id":"1","type":"FINISHED","job":{"job_items":[],"cancellation_source":null}}'
    assert compression.restored(bytes.fromhex(stored)) == body
    dictionary = Path(compression.__file__).parent / "dictionaries/1.jsonl"
    assert hashlib.sha256(dictionary.read_bytes()).hexdigest() == (
        "58ec7010a69e9dfaf061d8b8282a588f96c4e18b62ee84400eb8910f26c3c401"
    ), "Stored bodies need this file as it is: add another one, and raise NEWEST."


@pytest.mark.django_db
def test_a_job_takes_a_quarter_of_its_bytes_in_the_database(source, post):
    post(payloads.body(payloads.SAMPLE))
    with connection.cursor() as cursor:
        cursor.execute("SELECT octet_length(body), pg_column_size(body) FROM webhooks_event")
        ((length, size),) = cursor.fetchall()
    body = bytes(Event.objects.get().body)
    assert body == payloads.body(payloads.SAMPLE)
    assert size <= length + 4 < len(body) / 4  # PostgreSQL does not change it


@pytest.mark.django_db
def test_the_field_takes_and_gives_bytes(source):
    Event.objects.create(source=source, dedup_key=b"1", body_hash=b"1", body=b'{"a": 1}')
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM webhooks_event")
        ((stored,),) = cursor.fetchall()

    assert compression.restored(stored) == Event.objects.get().body == b'{"a": 1}'


@pytest.mark.django_db
@pytest.mark.usefixtures("source")
def test_the_field_takes_and_gives_none():
    nothing = Value(None, output_field=compression.BodyField())
    assert list(Source.objects.annotate(nothing=nothing).values_list("nothing")) == [(None,)]
