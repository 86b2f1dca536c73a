from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "webhooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        from console.accounts import roles
        from webhooks import auth
        from webhooks.admin import navigation, search  # noqa: F401 - these register themselves
        from webhooks.monitoring import dashboard  # noqa: F401 - these register themselves

        auth.import_modes()
        roles.register(
            "webhooks",
            {
                roles.INTEGRATION_ADMIN: {
                    "*": roles.EXPORT,
                    "source": roles.MANAGE,
                    "event": (*roles.EXPORT, "change"),
                    "secret": ("view", "change"),
                    "accesstoken": ("view", "change"),
                }
            },
        )
