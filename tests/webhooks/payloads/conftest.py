import time

import pytest


@pytest.fixture
def in_new_york(monkeypatch):
    """The machine's time zone is not UTC."""
    with monkeypatch.context() as environment:
        environment.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()
