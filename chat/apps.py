from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"

    def ready(self):
        from chat import fold, links, values
        from webhooks import folds

        folds.register(values.Value, fold.fold, links=links.admin_links)
