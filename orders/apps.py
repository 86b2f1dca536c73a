from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self):
        from orders import fold, links, values
        from webhooks import folds

        folds.register(values.JobEvent, folds.Kind(fold.fold, links.admin_links, links.rows))
