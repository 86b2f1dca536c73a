"""The conftest.py of `make mutants`: repeatable examples, and a database of its own for each mutant."""

import os

import hypothesis
import pytest
from django.db import connection

# The same examples for each mutant, and no failure because the machine is busy: it would count as a kill.
hypothesis.settings.register_profile(
    "mutants",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("mutants")


def pytest_collection_modifyitems(config, items):
    """Leave the tests out that start the product: its processes run the code without the mutant."""
    left_out = [item for item in items if "running" in item.fixturenames]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings):
    """Copy the migrated database, which the first run creates and every fork knows.

    So mutants that run at the same time share no rows, and a killed one has no effect on the next.
    """
    creation, settings, suffix = connection.creation, connection.settings_dict, str(os.getpid())
    with django_db_blocker.unblock():
        if not settings["NAME"].startswith("test_"):
            creation.create_test_db(verbosity=0, autoclobber=True)
        migrated = settings["NAME"]
        connection.close()
        creation.clone_test_db(suffix, verbosity=0)
        settings.update(creation.get_test_db_clone_settings(suffix))
    yield
    with django_db_blocker.unblock():
        connection.close()
        settings["NAME"] = migrated
        creation.destroy_test_db(suffix=suffix, verbosity=0)
