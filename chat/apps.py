from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")

    def ready(self):
        from chat import dashboard, fold, job_panel, projection, search
        from chat.filters import UnansweredChatFilter
        from console.accounts import roles
        from console.changelist import changelist, filters
        from console.dashboard import Card, register
        from console.search import views as console
        from orders.job_panels import Beside
        from orders.job_panels import register as register_beside
        from webhooks.payloads import conversations
        from webhooks.processing import projections

        roles.register(
            "chat",
            {
                roles.SUPPORT: {"*": roles.VIEW, "sharedaddress": ()},
                roles.EXPORTERS: {"*": roles.EXPORT, "sharedaddress": ()},
                roles.INTEGRATION_ADMIN: {"*": roles.EXPORT, "sharedaddress": roles.MANAGE},
            },
        )
        projections.register(
            conversations.Value,
            projections.Kind(
                fold.fold, projection.admin_links, projection.names, projection.rows, projection.effects, fold.forget
            ),
        )
        register_beside(
            Beside(
                "chat.view_conversation",
                job_panel.version,
                job_panel.moments,
                job_panel.problems,
                "admin/chat/beside_job.html",
                job_panel.values,
            )
        )
        for place, title, model, hits in (
            (20, _("Conversations"), "conversation", search.conversation_hits),
            (30, _("Contacts"), "contact", search.contact_hits),
        ):
            console.register(console.Group(place, title, f"chat.view_{model}", hits, f"admin:chat_{model}_changelist"))
        register(Card("waiting", 30, "chat.view_conversation", "admin/chat/waiting.html", dashboard.waiting))
        filters.register("orders.job", UnansweredChatFilter)
        changelist.register("orders.job", changelist.View(_("Unanswered chat"), "unanswered=yes"))
