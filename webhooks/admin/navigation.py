"""The webhook admin's links in the sidebar."""

from django.utils.translation import gettext_lazy as _

from console.navigation import INTEGRATION, NavigationGroup, NavigationItem, navigation_groups


@navigation_groups.register
class WebhooksNavigation(NavigationGroup):
    section = INTEGRATION
    position = 10
    items = (
        NavigationItem(_("Sources"), "webhook", "webhooks.source"),
        NavigationItem(_("Events"), "inbox", "webhooks.event"),
        NavigationItem(_("Rejections"), "block", "webhooks.rejection"),
        NavigationItem(_("Tokens"), "key", "webhooks.accesstoken"),
        NavigationItem(_("Workers"), "conveyor_belt", "webhooks.worker"),
    )
