from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "webhooks"
    verbose_name = _("Webhooks")

    def ready(self):
        from console.accounts import roles
        from console.dashboard import Card, register
        from console.search import views as console
        from webhooks.admin import search
        from webhooks.monitoring import dashboard

        roles.register(
            "webhooks",
            {
                roles.INTEGRATION_ADMIN: {
                    "*": roles.EXPORT,
                    "source": roles.MANAGE,
                    "event": (*roles.EXPORT, "change"),
                    "secret": ("view", "change"),
                    "accesstoken": ("view", "change"),
                }
            },
        )
        for place, title, model, hits in (
            (40, _("Events"), "event", search.event_hits),
            (50, _("Rejections"), "rejection", search.rejection_hits),
        ):
            console.register(
                console.Group(place, title, f"webhooks.view_{model}", hits, f"admin:webhooks_{model}_changelist")
            )
        for place, name, values in (
            (10, "attention", dashboard.attention),
            (40, "processing", dashboard.processing),
            (50, "sources", dashboard.sources),
        ):
            template = f"admin/webhooks/{name}.html"
            register(Card(name, place, "webhooks.view_source", template, values, is_wide=True))
