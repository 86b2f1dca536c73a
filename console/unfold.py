"""The settings of Unfold, the theme of the admin: https://unfoldadmin.com/docs/configuration/settings/"""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.version import VERSION


def environment_badge(request: HttpRequest) -> list[str | Promise]:
    """Return the badge next to the title, which tells production from a local copy."""
    return [_("Production"), "danger"] if settings.PRODUCTION else [_("Local"), "info"]


def _static(path: str) -> Callable[[HttpRequest], str]:
    return lambda request: static(path)  # only once the settings are complete


def build_settings(stylesheets: Iterable[str]) -> dict[str, Any]:
    """Return the setting UNFOLD; `stylesheets` are the static files of the apps, loaded after the console's own."""
    return {
        "SITE_TITLE": "Delivery desk",
        "SITE_HEADER": "Delivery desk",
        "SITE_VERSION": VERSION,
        "SITE_SUBHEADER": "console.formatting.datetimes.describe_time_zone",
        "SITE_SYMBOL": "local_shipping",
        "SITE_URL": None,
        "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _static("console/favicon.svg")}],
        "ENVIRONMENT": "console.unfold.environment_badge",
        "STYLES": [
            _static("console/console.css"),
            _static("console/search.css"),
            _static("console/lists.css"),
            *map(_static, stylesheets),
        ],
        "DASHBOARD_CALLBACK": "console.dashboard.add_cards",
        "SHOW_VIEW_ON_SITE": False,
        "ACCOUNT": {
            "navigation": [
                {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
                {"title": _("Second factor"), "link": reverse_lazy("admin:second_factor")},
                {"title": _("Language and time zone"), "link": reverse_lazy("admin:preferences")},
            ]
        },
        "COLORS": {
            "primary": {  # a calm teal: status badges keep red, amber and green for themselves
                "50": "oklch(98.4% .014 180.7)",
                "100": "oklch(95.3% .051 180.8)",
                "200": "oklch(91% .096 180.4)",
                "300": "oklch(85.5% .138 181.1)",
                "400": "oklch(77.7% .152 181.9)",
                "500": "oklch(60% .118 184.7)",
                "600": "oklch(51.1% .096 186.4)",
                "700": "oklch(43.7% .078 188.2)",
                "800": "oklch(38.6% .063 188.4)",
                "900": "oklch(27.7% .046 192.5)",
                "950": "oklch(20% .04 192.5)",
            }
        },
        "SIDEBAR": {"navigation": "console.navigation.get_navigation"},
    }
