"""The chat app's links in the sidebar."""

from django.utils.translation import gettext_lazy as _

from console.navigation import INTEGRATION, SUPPORT, NavigationGroup, NavigationItem, navigation_groups


@navigation_groups.register
class ChatNavigation(NavigationGroup):
    section = SUPPORT
    position = 20
    items = (
        NavigationItem(_("Conversations"), "forum", "chat.conversation"),
        NavigationItem(_("Messages"), "chat", "chat.message"),
        NavigationItem(_("Contacts"), "contacts", "chat.contact"),
        NavigationItem(_("Tickets"), "confirmation_number", "chat.ticket"),
        NavigationItem(_("Contact groups"), "groups", "chat.group"),
        NavigationItem(_("Campaign reports"), "campaign", "chat.campaignreport"),
    )


@navigation_groups.register
class SharedAddressNavigation(NavigationGroup):
    section = INTEGRATION
    position = 20
    items = (NavigationItem(_("Shared addresses"), "alternate_email", "chat.sharedaddress"),)
