from axes.apps import AppConfig as AxesConfig
from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self):
        from config import checks, people, roles  # noqa: F401 - people: registered over what others registered

        post_migrate.connect(roles.ensure, dispatch_uid="config.roles")


class ConsoleConfig(AdminConfig):
    default_site = "config.admin.ConsoleSite"


class FailedLoginsConfig(AxesConfig):
    verbose_name = _("Failed logins")
