from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self):
        from config import search as console
        from config.dashboard import Card, register
        from orders import dashboard, fold, links, search, values
        from webhooks import folds

        folds.register(
            values.JobEvent, folds.Kind(fold.fold, links.admin_links, links.names, links.rows, links.effects)
        )
        console.register(console.Group(10, _("Jobs"), "orders.view_job", search.hits, "admin:orders_job_changelist"))
        register(Card("jobs-now", 20, "orders.view_job", "admin/orders/jobs_now.html", dashboard.jobs_now))
