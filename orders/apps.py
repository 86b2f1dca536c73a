from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self):
        from orders import fold, links, values
        from webhooks import folds

        folds.register(values.JobEvent, fold.fold, links=links.admin_links)
