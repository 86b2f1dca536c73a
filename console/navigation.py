"""The sidebar: sections, to which each app adds links to the lists of its models."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from console.registry import Extension, Registry

SUPPORT = _("Support")
INTEGRATION = _("Integration")
PEOPLE = _("People")
SECTIONS = (SUPPORT, INTEGRATION, PEOPLE)  # in the order of the sidebar


@dataclass(frozen=True)
class NavigationItem:
    """A link to the list of a model, for users who may view it."""

    title: str | Promise
    icon: str  # name of a Material symbol
    model: str  # its label in lower case, such as "orders.job"

    def as_unfold_item(self) -> dict[str, Any]:
        """Return the item as Unfold's SIDEBAR setting describes it."""
        app, name = self.model.split(".")
        return {
            "title": self.title,
            "icon": self.icon,
            "link": reverse(f"admin:{app}_{name}_changelist"),
            "permission": lambda request: request.user.has_perm(f"{app}.view_{name}"),
        }


class NavigationGroup(Extension):
    """Links that an app adds to a section, at its position among the section's groups."""

    section: Promise
    items: Sequence[NavigationItem]


navigation_groups: Registry[NavigationGroup] = Registry()


def get_navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sections of the sidebar; Unfold hides the links for which the user has no permission."""
    return [
        {
            "title": section,
            "items": [
                item.as_unfold_item() for group in navigation_groups if group.section is section for item in group.items
            ],
        }
        for section in SECTIONS
    ]


@navigation_groups.register
class PeopleNavigation(NavigationGroup):
    section = PEOPLE
    items = (
        NavigationItem(_("Users"), "person", "auth.user"),
        NavigationItem(_("Groups"), "group", "auth.group"),
        NavigationItem(_("Failed logins"), "lock_clock", "axes.accessattempt"),
        NavigationItem(_("Log"), "history", "admin.logentry"),
    )
