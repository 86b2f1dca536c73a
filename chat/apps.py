from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")

    def ready(self):
        from chat import beside, dashboard, fold, links, search, values
        from chat.filters import UnansweredChatFilter
        from config import filters, lists
        from config import search as console
        from config.dashboard import Card, register
        from orders.beside import Beside
        from orders.beside import register as register_beside
        from webhooks import folds

        folds.register(
            values.Value, folds.Kind(fold.fold, links.admin_links, links.names, links.rows, links.effects, fold.forget)
        )
        register_beside(
            Beside(
                "chat.view_conversation",
                beside.version,
                beside.moments,
                beside.problems,
                "admin/chat/beside_job.html",
                beside.values,
            )
        )
        for place, title, model, hits in (
            (20, _("Conversations"), "conversation", search.conversation_hits),
            (30, _("Contacts"), "contact", search.contact_hits),
        ):
            console.register(console.Group(place, title, f"chat.view_{model}", hits, f"admin:chat_{model}_changelist"))
        register(Card("waiting", 30, "chat.view_conversation", "admin/chat/waiting.html", dashboard.waiting))
        filters.register("orders.job", UnansweredChatFilter)
        lists.register("orders.job", lists.View(_("Unanswered chat"), "unanswered=yes"))
