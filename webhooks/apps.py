from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "webhooks"
    verbose_name = _("Webhooks")

    def ready(self):
        from config.dashboard import Card, register
        from webhooks import dashboard

        register(Card(10, "webhooks.view_source", "admin/webhooks/attention.html", dashboard.attention, is_wide=True))
        register(Card(40, "webhooks.view_source", "admin/webhooks/sources.html", dashboard.sources, is_wide=True))
