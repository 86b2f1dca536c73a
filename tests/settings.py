"""The project's settings, on a PostgreSQL of the test run's own where DATABASE_URL is unset."""

import os
import tempfile

_folder = tempfile.TemporaryDirectory(prefix="delivery-tests-")  # goes when the run ends
os.environ["DATA_DIR"] = _folder.name
os.environ.pop("PRODUCTION", None)

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; nobody's password here
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
