"""The inbox where its connection is lost."""

import pytest
from django.db import OperationalError, connection, connections, transaction

from webhooks.auth import live_sources
from webhooks.auth_modes import Verification
from webhooks.models import Event
from webhooks.receiving import inbox

BODY = b'{"id": "1", "type": "CREATED", "created_at": "2026-03-02T10:00:00Z"}'


@pytest.fixture
def event(transactional_db, source):
    live = live_sources.get(source.slug)
    verification = Verification(mode="signature", signed_content="all", secret_id=source.secrets.get().pk)
    return inbox.NewEvent(source.pk, live.provider.envelope(BODY, {}), verification, BODY, "", {}, None)


@pytest.fixture
def lose_connection(event):
    """Return a function that ends this thread's connection as a restart of PostgreSQL does."""

    def lose_connection():
        other = connections.create_connection("default")
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        other.close()

    return lose_connection


def test_a_connection_that_was_lost_while_it_was_idle_is_replaced(event, lose_connection):
    lose_connection()
    stored = inbox.store_event(event)
    assert stored == inbox.StoredEvent(Event.objects.get().pk, is_duplicate=False)


def test_a_connection_that_is_lost_in_a_transaction_is_its_owners(event, lose_connection):
    def store():
        with transaction.atomic():
            lose_connection()
            inbox.store_event(event)

    with pytest.raises(OperationalError):
        store()
    assert not Event.objects.exists()
