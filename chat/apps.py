from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")

    def ready(self) -> None:
        from chat import dashboard, filters, job_panel, navigation, projection, search  # noqa: F401 - these register themselves
        from console.accounts import roles

        roles.register(
            "chat",
            {
                roles.SUPPORT: {"*": roles.VIEW, "sharedaddress": ()},
                roles.EXPORTERS: {"*": roles.EXPORT, "sharedaddress": ()},
                roles.INTEGRATION_ADMIN: {"*": roles.EXPORT, "sharedaddress": roles.MANAGE},
            },
        )
