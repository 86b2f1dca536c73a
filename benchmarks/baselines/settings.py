"""The project's settings, with the baselines beside it: all are served by the same processes."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_tasks_db", "benchmarks.baselines"]
ROOT_URLCONF = "benchmarks.baselines.urls"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
