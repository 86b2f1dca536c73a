import os
import signal
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command

from config import catalogs, embedded_postgres
from tests import payloads
from tests.factories import SecretFactory, SourceFactory, UserFactory
from tests.running import Running
from webhooks.auth import access_tokens, live_sources
from webhooks.providers import registry
from webhooks.rejections import recorder


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    catalogs.compile_outdated()
    # Started as root, each pytest closes the temporary folder that all of root's runs share by default to all others:
    # the database servers of runs at the same time, which do not run as root, then lose their files.
    config.option.basetemp = config.option.basetemp or Path(os.environ["DATA_DIR"], "pytest")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    if settings.EMBEDDED_DATABASE:
        embedded_postgres.use(settings.DATA_DIR)


@pytest.fixture(autouse=True)
def _fresh_process():
    """What a process keeps of sources, tokens and refusals."""
    live_sources.clear_source_cache()
    access_tokens.clear_token_cache()
    recorder.reset_counters()
    cache.clear()


@pytest.fixture
def source(source_of):
    """An InstaLeap source that holds the secret of signatures.txt."""
    return source_of("instaleap", slug="instaleap", name="InstaLeap", signature_tolerance=300)


@pytest.fixture
def source_of(db):
    """Return a function that makes a source of a provider, with the secret of signatures.txt, by its slug."""

    def source_of(provider, **values):
        # The timestamp in the signatures of signatures.txt is old by now.
        source = SourceFactory(provider=provider, **{"signature_tolerance": 10**9, **values})
        SecretFactory(source=source, value=payloads.SECRET)
        return source

    return source_of


@pytest.fixture
def post(source, client):
    """Post a payload to a source as its provider does; a file's name is signed by the provider's own recipe."""

    def post(payload, *, to=source, secret=payloads.SECRET, **extra):
        provider = registry()[to.provider]
        if isinstance(payload, str):
            body, headers = payloads.body(payload, to.provider), dict([payloads.SIGNED[to.provider][payload]])
        else:
            body = payload if isinstance(payload, bytes) else payloads.dump(payload)
            headers = provider.sign(secret, body)
        if provider.networks:
            extra.setdefault("REMOTE_ADDR", provider.networks[0])
        return client.post(
            to.get_webhook_path(),
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
    """The product, running, in a folder whose path has a space; one story of each provider has been played."""
    running = Running(tmp_path_factory.mktemp("with a space") / "var").start()
    try:
        running.manage("play", "--seconds=0", "--seed=7", "--no-cancelled", "--replacements", "--missing")
        yield running
    finally:
        running.stop()
