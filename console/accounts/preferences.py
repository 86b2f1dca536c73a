"""The page of a user's language and time zone."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from console import middleware
from console.formatting import datetimes
from console.models import Preferences

# The first part of a time zone's name, of those that are named after a place.
REGIONS = {
    "Africa": gettext_lazy("Africa"),
    "America": gettext_lazy("America"),
    "Antarctica": gettext_lazy("Antarctica"),
    "Arctic": gettext_lazy("Arctic"),
    "Asia": gettext_lazy("Asia"),
    "Atlantic": gettext_lazy("Atlantic"),
    "Australia": gettext_lazy("Australia"),
    "Europe": gettext_lazy("Europe"),
    "Indian": gettext_lazy("Indian Ocean"),
    "Pacific": gettext_lazy("Pacific"),
}


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at run time
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False, widget=UnfoldAdminSelectWidget)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = Preferences
        fields = ["language", "time_zone"]

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = dict(settings.LANGUAGES)[middleware.of_browser(request)]
        by_itself = _("As the browser says ({language})").format(language=named)
        _choices(self, "language").choices = [("", by_itself), *settings.LANGUAGES]
        by_itself = _("As the browser says ({time_zone})").format(time_zone=middleware.time_zone_of_browser(request))
        _choices(self, "time_zone").choices = [("", by_itself), ("UTC", "UTC"), *_by_region()]


def _choices(form: forms.BaseForm, name: str) -> forms.ChoiceField:
    return cast(forms.ChoiceField, form.fields[name])


def page(request: HttpRequest) -> HttpResponse:
    """Show or save the form of the user who is logged in."""
    form = PreferencesForm(request, request.POST or None, instance=middleware.preferences(request.user))
    if form.is_valid():
        chosen = form.save()
        with translation.override(chosen.language or middleware.of_browser(request)):
            messages.success(request, _("Your language and time zone are saved."))
        return redirect("admin:preferences")
    context = {"title": _("Language and time zone"), "form": form, "now": timezone.now()}
    return TemplateResponse(request, "admin/preferences.html", admin.site.each_context(request) | context)


def _by_region() -> Iterator[tuple[Promise, list[tuple[str, str]]]]:
    """Yield the choices of a <select> by region, such as "Bogota (UTC−05:00)" under America."""
    named = sorted(name for name in middleware.time_zones() if name.partition("/")[0] in REGIONS)
    for region, names in groupby(named, key=lambda name: name.partition("/")[0]):
        yield REGIONS[region], [(name, _describe(name)) for name in names]


def _describe(name: str) -> str:
    place = name.partition("/")[2].replace("_", " ").replace("/", ", ")
    with timezone.override(ZoneInfo(name)):
        return f"{place} ({datetimes.format_utc_offset()})"
