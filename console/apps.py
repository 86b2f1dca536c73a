from axes.apps import AppConfig as AxesConfig
from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def plan_for_pages(sender, connection, **kwargs):
    """A search that finds nothing would start processes for that: PostgreSQL does not know how rare a word is."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")


class ConsoleConfig(AppConfig):
    name = "console"

    def ready(self):
        from console import checks, navigation  # noqa: F401
        from console.accounts import admin, roles  # noqa: F401 - admin: registered over what others registered

        connection_created.connect(plan_for_pages, dispatch_uid="console.plan_for_pages")
        post_migrate.connect(roles.ensure, dispatch_uid="console.accounts.roles")


class ConsoleAdminConfig(AdminConfig):
    default_site = "console.site.ConsoleSite"


class FailedLoginsConfig(AxesConfig):
    verbose_name = _("Failed logins")

    def ready(self):
        super().ready()
        # As its pages call what they list; these are no part of a migration (which looks at original_attrs).
        options = self.get_model("AccessAttempt")._meta
        options.verbose_name, options.verbose_name_plural = _("failed login"), _("failed logins")
