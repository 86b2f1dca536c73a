from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")

    def ready(self):
        from chat import dashboard, fold, links, values
        from config.dashboard import Card, register
        from webhooks import folds

        folds.register(values.Value, folds.Kind(fold.fold, links.admin_links, links.rows, fold.forget))
        register(Card(30, "chat.view_conversation", "admin/chat/waiting.html", dashboard.waiting))
