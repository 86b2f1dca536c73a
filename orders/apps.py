from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self):
        from console.accounts import roles
        from console.dashboard import Card, register
        from console.search import views as console
        from orders import dashboard, fold, projection, search
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
        console.register(console.Group(10, _("Jobs"), "orders.view_job", search.hits, "admin:orders_job_changelist"))
        register(Card("jobs-now", 20, "orders.view_job", "admin/orders/jobs_now.html", dashboard.jobs_now))
