from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from console.accounts import roles
        from orders import dashboard, navigation, projection, search  # noqa: F401 - these register themselves

        roles.register(
            "orders",
            {
                roles.SUPPORT: {"*": roles.VIEW},
                roles.EXPORTERS: {"*": roles.EXPORT},
                roles.INTEGRATION_ADMIN: {"*": roles.EXPORT},
            },
        )
