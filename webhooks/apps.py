from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "webhooks"
    verbose_name = _("Webhooks")

    def ready(self):
        from config import search as console
        from config.dashboard import Card, register
        from webhooks import dashboard, search

        register(Card(10, "webhooks.view_source", "admin/webhooks/attention.html", dashboard.attention, is_wide=True))
        register(Card(40, "webhooks.view_source", "admin/webhooks/sources.html", dashboard.sources, is_wide=True))
        for place, title, model, hits in (
            (40, _("Events"), "event", search.event_hits),
            (50, _("Rejections"), "rejection", search.rejection_hits),
        ):
            console.register(
                console.Group(place, title, f"webhooks.view_{model}", hits, f"admin:webhooks_{model}_changelist")
            )
