import signal

import pytest
from django.conf import settings
from django.core.management import call_command

from config import database
from tests import payloads
from tests.factories import SecretFactory, SourceFactory, UserFactory
from tests.running import Running
from webhooks import sources
from webhooks.providers import registry


@pytest.fixture(scope="session")
def django_db_modify_db_settings():
    if settings.EMBEDDED_DATABASE:
        database.use(settings.DATA_DIR)


@pytest.fixture(autouse=True)
def _fresh_sources():
    sources.forget()


@pytest.fixture
def source(db):
    """An InstaLeap source that holds the secret of signatures.txt."""
    source = SourceFactory(slug="instaleap", name="InstaLeap")
    SecretFactory(source=source, value=payloads.SECRET)
    return source


@pytest.fixture
def post(source, client):
    """Post a payload to the source as InstaLeap does; a file's name is signed by InstaLeap's own recipe."""

    def post(payload, *, to=source, secret=payloads.SECRET, **extra):
        if isinstance(payload, str):
            body, headers = payloads.body(payload), dict([payloads.SIGNATURES[payload]])
        else:
            body = payload if isinstance(payload, bytes) else payloads.dump(payload)
            signature = registry()[to.provider].signatures[0]
            headers = {signature.header: signature.sign(secret, body)}
        return client.post(
            to.get_absolute_url(),
            body,
            content_type="application/json",
            headers=headers | extra.pop("headers", {}),
            **extra,
        )

    return post


@pytest.fixture
def process():
    """Run the worker's command until nothing is left; return what it says."""

    def process(**options):
        before = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
        try:
            return call_command("process_events", once=True, **options)
        finally:
            for number, handler in before:
                signal.signal(number, handler)

    return process


@pytest.fixture
def ivo(db):
    """The integration admin, who may do everything."""
    return UserFactory(username="ivo", is_superuser=True)


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    """The product, running, in a folder whose path has a space, with a finished job in it."""
    running = Running(tmp_path_factory.mktemp("with a space") / "var").start()
    running.manage("play", "--seconds=0", "--seed=7", "--no-cancelled", "--replacements", "--missing")
    yield running
    running.stop()
