"""The project's settings with the apps of the baselines, which the same processes serve."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_tasks_db", "benchmarks.baselines"]
ROOT_URLCONF = "benchmarks.baselines.urls"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
