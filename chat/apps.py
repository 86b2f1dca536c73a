from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"

    def ready(self):
        from chat import fold, links, values
        from webhooks import folds

        folds.register(values.Value, folds.Kind(fold.fold, links.admin_links, links.rows, fold.forget))
