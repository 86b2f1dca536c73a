"""The keys that secrets are encrypted with: rotated without downtime, and what happens where one is lost."""

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.urls import reverse

from tests import payloads
from webhooks.auth import live_sources
from webhooks.models import Secret
from webhooks.monitoring import alerts

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


@pytest.fixture
def keys(settings):
    """Set ENCRYPTION_KEYS, as a restart would."""

    def keys(*values):
        settings.ENCRYPTION_KEYS = list(values)
        live_sources.clear_source_cache()

    keys(OLD)
    return keys


def test_rotates_without_downtime(keys, source, post):
    for number, step in enumerate([(OLD,), (OLD, NEW), (NEW, OLD)]):
        keys(*step)
        assert post(payloads.sample(id=str(number))).status_code == 200
    said = call_command("rotate_encryption_key")
    assert said == "1 secrets are encrypted with the first of 2 ENCRYPTION_KEYS. The other keys are no longer needed."
    assert post(payloads.sample(id="during")).status_code == 200
    keys(NEW)
    assert post(payloads.sample(id="after")).status_code == 200
    assert source.secrets.get().value == payloads.SECRET


def test_a_lost_key_names_the_source_and_changes_nothing(keys, source, source_of):
    keys(OTHER)
    other = source_of("tawk", slug="tawk")
    before = dict(Secret.objects.values_list("pk", "encrypted_value"))
    keys(NEW, OTHER)
    fingerprint = source.secrets.get().fingerprint
    with pytest.raises(CommandError, match=rf"^1 secrets .* None of the keys decrypts {fingerprint} of instaleap"):
        call_command("rotate_encryption_key")
    assert bytes(source.secrets.get().encrypted_value) == bytes(before[source.secrets.get().pk])
    keys(NEW)
    assert other.secrets.get().value == payloads.SECRET


def test_prints_a_new_key():
    Fernet(call_command("rotate_encryption_key", new_key=True))


def test_without_its_key_a_source_asks_to_send_again_and_its_page_says_why(keys, source, post, client, ivo):
    keys(OTHER)
    answer = post(payloads.sample())
    assert answer.status_code == 503
    assert "A secret of the source instaleap cannot be decrypted" in answer.json()["detail"]
    client.force_login(ivo)
    page = client.get(reverse("admin:webhooks_source_change", args=[source.pk]))
    assert page.status_code == 200
    assert "the key that it was encrypted with is missing from ENCRYPTION_KEYS" in page.content.decode()
    assert "ENCRYPTION_KEYS" in client.get("/admin/").content.decode()
    [alert] = alerts.find_source_alerts([source])
    assert alert.subject == source.name
