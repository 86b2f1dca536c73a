"""The app configurations of the console, of Django's admin with our site, and of django-axes, translated."""

from typing import Any

from axes.apps import AppConfig as AxesConfig
from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def disable_parallel_plans(sender: Any, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Keep PostgreSQL from starting processes for a search of a rare word, whose rows it estimates far too many."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")


class ConsoleConfig(AppConfig):
    name = "console"

    def ready(self) -> None:
        from console import checks, navigation  # noqa: F401
        from console.accounts import admin, roles  # noqa: F401 - admin: replaces registrations of others

        connection_created.connect(disable_parallel_plans, dispatch_uid="console.disable_parallel_plans")
        post_migrate.connect(roles.ensure, dispatch_uid="console.accounts.roles")


class ConsoleAdminConfig(AdminConfig):
    default_site = "console.site.ConsoleSite"


class FailedLoginsConfig(AxesConfig):
    verbose_name = _("Failed logins")

    def ready(self) -> None:
        super().ready()
        # The names on our pages; migrations do not see them, as they read original_attrs.
        options = self.get_model("AccessAttempt")._meta
        options.verbose_name, options.verbose_name_plural = _("failed login"), _("failed logins")
