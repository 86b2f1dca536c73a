"""Filters for lists of millions: an index serves each, and none reads a whole table for its choices.

They are plain fields of one form, each by the template that its class names (templates/admin/list/filters). A value
that is none of the choices is accepted, as providers make up new ones.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.cache import cache
from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MAX_CHOICES = 500
_CHOICES_TTL = 60  # seconds
# A loose index scan: each value is looked up behind the one before, however many rows have it.
_DISTINCT = """
    WITH RECURSIVE seen(value) AS (
        (SELECT {column} FROM {table} ORDER BY {column} LIMIT 1)
        UNION ALL
        SELECT (SELECT {column} FROM {table} WHERE {column} > seen.value ORDER BY {column} LIMIT 1)
        FROM seen WHERE seen.value IS NOT NULL
    )
    SELECT value FROM seen WHERE value IS NOT NULL AND value <> '' LIMIT %s
"""

type Apply = Callable[[QuerySet[Any]], QuerySet[Any]]
type Side = Literal["from", "to"]
SIDES: tuple[tuple[Side, Promise], ...] = (("from", _("from")), ("to", _("to")))


def distinct_values(model: type[Model], field: str) -> list[str]:
    """Return the first MAX_CHOICES values, in order and without "", of a text column with which an index begins."""
    key = f"distinct:{model._meta.label}.{field}"
    if (found := cache.get(key)) is None:
        names = {
            "column": connection.ops.quote_name(_column(model, field)),
            "table": connection.ops.quote_name(model._meta.db_table),
        }
        with connection.cursor() as cursor:
            cursor.execute(_DISTINCT.format(**names), [MAX_CHOICES])
            found = [value for (value,) in cursor.fetchall()]
        cache.set(key, found, _CHOICES_TTL)
    return list(found)


def _column(model: type[Model], field: str) -> str:
    return str(model._meta.get_field(field).column)  # type: ignore[union-attr]


class ListFilter(admin.ListFilter):
    """Base class: takes its parameters from the address; an empty one does not filter."""

    template: str  # of its field; gets `spec`, the filter
    parameter_name: str

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: "admin.ModelAdmin[Any]",
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.model = model
        for name in self.expected_parameters():
            if name and name in params and (value := params.pop(name)[-1].strip()):
                self.used_parameters[name] = value

    @property
    def value(self) -> str:
        return str(self.used_parameters.get(self.parameter_name, ""))

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter_name]

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        return iter(())  # its template reads the filter itself

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self.apply(queryset) if self.used_parameters else queryset

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows that the filter selects; called only where it has a value."""
        raise NotImplementedError


class ChoiceFilter(ListFilter):
    """One of a few values."""

    template = "admin/list/filters/choice.html"

    def options(self) -> Iterable[tuple[str, str | Promise]]:
        """Return values with their labels."""
        raise NotImplementedError

    def label_of(self, value: str) -> str | Promise:
        """Return the label of a value that is none of the options."""
        return value

    def choices_with_state(self) -> Iterator[tuple[str, str | Promise, bool]]:
        """Yield value, label and whether it is chosen, of each option and of a chosen value that is none."""
        options = list(self.options())
        if self.value and self.value not in {value for value, _label in options}:
            options.append((self.value, self.label_of(self.value)))
        for value, label in options:
            yield value, label, value == self.value


class DistinctValuesFilter(ChoiceFilter):
    """One of the values of a text column with which an index begins."""

    def options(self) -> Iterable[tuple[str, str | Promise]]:
        return [(value, self.label_of(value)) for value in distinct_values(self.model, self.parameter_name)]

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.parameter_name: self.value})


class LookupFilter(ChoiceFilter):
    """One of some lookups: by value, the label and the function that selects the rows."""

    lookups: Mapping[str, tuple[str | Promise, Apply]]

    def options(self) -> Iterable[tuple[str, str | Promise]]:
        return [(value, label) for value, (label, _apply) in self.lookups.items()]

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value not in self.lookups:
            return queryset.none()
        _label, apply = self.lookups[self.value]
        return apply(queryset)


class RecentDayFilter(LookupFilter):
    """Today or yesterday, of a column with which an index begins."""

    column: str

    @property
    def lookups(self) -> Mapping[str, tuple[str | Promise, Apply]]:  # type: ignore[override]
        return {"today": (_("Today"), on_day(self.column, 0)), "yesterday": (_("Yesterday"), on_day(self.column, -1))}


class BooleanFilter(ListFilter):
    """On or off."""

    template = "admin/list/filters/boolean.html"
    ON = "yes"


class TextFilter(ListFilter):
    """A text that the user types."""

    template = "admin/list/filters/text.html"
    placeholder: str | Promise = ""

    def suggestions(self) -> Iterable[str]:
        return []


class RangeFilter(ListFilter):
    """From and to, of a column with which an index begins; either may be empty. An invalid value selects nothing."""

    template = "admin/list/filters/range.html"
    input_type: str

    column: str

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.invalid_sides: set[Side] = set()
        self.start = self._bound("from")
        self.end = self._bound("to")

    def expected_parameters(self) -> list[str | None]:
        return [f"{self.parameter_name}_{side}" for side, _label in SIDES]

    def fields(self) -> Iterator[tuple[str, str | Promise, str, bool]]:
        """Yield name, label, value and whether it is invalid, of each of the two fields."""
        for side, label in SIDES:
            name = f"{self.parameter_name}_{side}"
            yield name, label, str(self.used_parameters.get(name, "")), side in self.invalid_sides

    def _bound(self, side: Side) -> datetime | None:
        text = self.used_parameters.get(f"{self.parameter_name}_{side}")
        if not text:
            return None
        try:
            bound = self.parse_bound(str(text), side)
        except (ValueError, OverflowError):
            bound = None
        if bound is None:
            self.invalid_sides.add(side)
        return bound

    def parse_bound(self, text: str, side: Side) -> datetime | None:
        """Return the first time of the range, or the first one after it; None or ValueError for an invalid text."""
        raise NotImplementedError

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.invalid_sides:
            return queryset.none()
        if self.start:
            queryset = queryset.filter(**{f"{self.column}__gte": self.start})
        if self.end:
            queryset = queryset.filter(**{f"{self.column}__lt": self.end})
        return queryset


class DayRangeFilter(RangeFilter):
    """From the beginning of one day to the end of another, in the reader's time zone."""

    input_type = "date"

    def parse_bound(self, text: str, side: Side) -> datetime | None:
        day = parse_date(text)
        if day is None:
            return None
        return midnight(day + timedelta(days=1) if side == "to" else day)


class DateTimeRangeFilter(RangeFilter):
    """From one minute to another, in the reader's time zone unless an offset is given.

    A time that a clock change repeats or skips is taken in the way that makes the range longer.
    """

    input_type = "datetime-local"

    def parse_bound(self, text: str, side: Side) -> datetime | None:
        time = parse_datetime(text)
        if time is None or timezone.is_aware(time):
            return time
        widest = max if side == "to" else min
        return widest((timezone.make_aware(time.replace(fold=fold)) for fold in (0, 1)), key=datetime.timestamp)

    def fields(self) -> Iterator[tuple[str, str | Promise, str, bool]]:
        """As RangeFilter.fields(), but a time with an offset in the reader's time zone: its field takes no offset."""
        for name, label, value, is_invalid in super().fields():
            time = parse_datetime(value) if value and not is_invalid else None
            if time and timezone.is_aware(time):
                value = f"{timezone.localtime(time):%Y-%m-%dT%H:%M}"
            yield name, label, value, is_invalid


def midnight(day: date) -> datetime:
    """Return the beginning of a day in the reader's time zone."""
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def on_day(column: str, days_from_today: int) -> Apply:
    """Return a function that selects the rows of one day, counted from the reader's today."""

    def apply(queryset: QuerySet[Any]) -> QuerySet[Any]:
        day = timezone.localdate() + timedelta(days=days_from_today)
        return queryset.filter(**{f"{column}__gte": midnight(day), f"{column}__lt": midnight(day + timedelta(days=1))})

    return apply
