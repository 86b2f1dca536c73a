"""The orders app's link in the sidebar."""

from django.utils.translation import gettext_lazy as _

from console.navigation import SUPPORT, NavigationGroup, NavigationItem, navigation_groups


@navigation_groups.register
class OrdersNavigation(NavigationGroup):
    section = SUPPORT
    position = 10
    items = (NavigationItem(_("Jobs"), "package_2", "orders.job"),)
