"""Views of a list: tabs with filters, search and order, built in or saved by users."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django import forms
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.changelist.changelist import AFTER, BEFORE
from console.formatting.text import collapse_whitespace
from console.models import SavedView

# Parameters of the address that are no part of a view.
TRANSIENT_PARAMETERS = {AFTER, BEFORE, PAGE_VAR, "e", "all"}
MAX_VIEWS = 50  # of a list that one user sees
MAX_QUERY_LENGTH = 2000


@dataclass(frozen=True)
class View:
    """A tab over a list."""

    name: str | Promise
    query: str
    id: int | None = None  # of the SavedView; None for a built-in view
    is_mine: bool = False
    is_shared: bool = False
    is_current: bool = False


def normalize_query(query: str) -> str:
    """Return a query string in one order without empty and transient parameters, so that two can be compared."""
    pairs = parse_qsl(query.removeprefix("?")[:MAX_QUERY_LENGTH], max_num_fields=100)
    return urlencode(sorted((name, value) for name, value in pairs if value and name not in TRANSIENT_PARAMETERS))


def views_of(user: Any, model: str, built_in: Iterable[View], query: str) -> list[View]:
    """Return the tabs over a model's list, of which the one with this normalized query is current."""
    saved = SavedView.objects.filter(Q(user=user) | Q(is_shared=True), model=model)[:MAX_VIEWS]
    views: list[tuple[str, str, int | None, bool, bool]] = [
        (str(view.name), view.query, None, False, False) for view in built_in
    ]
    views += [(row.name, row.query, row.pk, row.user_id == user.pk, row.is_shared) for row in saved]
    return [View(*view, is_current=normalize_query(view[1]) == query) for view in views]


def may_share(user: Any) -> bool:
    return bool(user.has_perm("console.share_savedview"))


def changeable_views(user: Any, model: str) -> QuerySet[SavedView]:
    """Return the saved views of a model's list that the user may change or delete."""
    views = SavedView.objects.filter(model=model)
    return views.filter(Q(user=user) | Q(is_shared=True)) if may_share(user) else views.filter(user=user)


class SavedViewForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at run time
    """Creates or changes a view; a new one replaces the user's own view of the same name."""

    class Meta:
        model = SavedView
        fields = ["name", "is_shared"]
        error_messages = {"name": {"required": gettext_lazy("Enter a name for the view.")}}

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["is_shared"]

    def clean_name(self) -> str:
        name = collapse_whitespace(self.cleaned_data["name"])
        views = self._views_of_owner()
        if self.instance.pk and views.filter(name=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("You already have a view “%(name)s”.") % {"name": name})
        if not self.instance.pk and not views.filter(name=name).exists() and views.count() >= MAX_VIEWS:
            raise ValidationError(_("A list can have at most %(count)s views.") % {"count": MAX_VIEWS})
        return name

    def save(self, commit: bool = True) -> SavedView:
        if self.instance.pk or not commit:
            view: SavedView = super().save(commit)
            return view
        defaults: dict[str, Any] = {"query": self.instance.query}
        if "is_shared" in self.fields:
            defaults["is_shared"] = self.cleaned_data["is_shared"]
        view, _created = self._views_of_owner().update_or_create(
            user=self.instance.user, model=self.instance.model, name=self.instance.name, defaults=defaults
        )
        return view

    def _views_of_owner(self) -> QuerySet[SavedView]:
        return SavedView.objects.filter(user=self.instance.user, model=self.instance.model)
