from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self):
        from console.accounts import roles
        from orders import dashboard, fold, projection, search  # noqa: F401 - these register themselves
        from webhooks.payloads import jobs
        from webhooks.processing import projections

        roles.register(
            "orders",
            {
                roles.SUPPORT: {"*": roles.VIEW},
                roles.EXPORTERS: {"*": roles.EXPORT},
                roles.INTEGRATION_ADMIN: {"*": roles.EXPORT},
            },
        )
        projections.register(
            jobs.JobEvent,
            projections.Kind(fold.fold, projection.admin_links, projection.names, projection.rows, projection.effects),
        )
