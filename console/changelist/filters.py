"""Filters for lists of millions: each asks for something that an index serves, and none reads a table for its choices.

They show as plain fields of one form, each by the template that its class names (templates/admin/list/filters). A value
that is none of the choices is taken all the same, as providers make up new ones.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from django.contrib import admin
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

MOST_CHOICES = 500
_KEPT = 60  # seconds that choices are remembered
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


def distinct(model, field: str) -> list[str]:
    """Return what stands in a text column that an index begins with, but "": the first MOST_CHOICES, in order."""
    key = f"distinct:{model._meta.label}.{field}"
    if (found := cache.get(key)) is None:
        names = {
            "column": connection.ops.quote_name(model._meta.get_field(field).column),
            "table": connection.ops.quote_name(model._meta.db_table),
        }
        with connection.cursor() as cursor:
            cursor.execute(_DISTINCT.format(**names), [MOST_CHOICES])
            found = [value for (value,) in cursor.fetchall()]
        cache.set(key, found, _KEPT)
    return found


class Filter(admin.ListFilter):
    """Takes its parameters from the address; what is empty asks for nothing."""

    template: str  # of the field that it shows as; gets `spec`, the filter
    parameter_name: str

    def __init__(self, request, params, model, model_admin):
        super().__init__(request, params, model, model_admin)
        self.model = model
        for name in self.expected_parameters():
            if name in params:
                value = params.pop(name)[-1].strip()
                if value:
                    self.used_parameters[name] = value

    @property
    def value(self) -> str:
        return self.used_parameters.get(self.parameter_name, "")

    def expected_parameters(self):
        return [self.parameter_name]

    def has_output(self):
        return True

    def choices(self, changelist):
        return []  # its template asks for what it shows by name

    def queryset(self, request, queryset):
        return self.narrow(queryset) if self.used_parameters else queryset

    def narrow(self, queryset):
        """Return what is asked for of the queryset."""
        raise NotImplementedError


class Choice(Filter):
    """One of a few: `options()` by value."""

    template = "admin/list/filters/choice.html"

    def options(self) -> Iterable[tuple[str, str]]:
        raise NotImplementedError

    def words(self, value: str) -> str:
        """Return how a value is shown that is none of the options."""
        return value

    def shown_options(self):
        """Yield value, label and whether it is chosen; what is chosen and is no option too."""
        options = list(self.options())
        if self.value and self.value not in {value for value, _label in options}:
            options.append((self.value, self.words(self.value)))
        for value, label in options:
            yield value, label, value == self.value


class ByCode(Choice):
    """What stands in a text column that an index begins with."""

    def options(self):
        return [(code, self.words(code)) for code in distinct(self.model, self.parameter_name)]

    def narrow(self, queryset):
        return queryset.filter(**{self.parameter_name: self.value})


class Asked(Choice):
    """One of some questions; `questions`: by value its words, and what it makes of the queryset."""

    questions: dict[str, tuple[str, Callable]]

    def options(self):
        return [(value, words) for value, (words, _narrow) in self.questions.items()]

    def narrow(self, queryset):
        _words, narrow = self.questions.get(self.value, (None, None))
        return narrow(queryset) if narrow else queryset.none()


class Lately(Asked):
    """Today or yesterday, of a column that an index begins with."""

    column: str

    @property
    def questions(self):
        return {"today": (_("Today"), on_day(self.column, 0)), "yesterday": (_("Yesterday"), on_day(self.column, -1))}


class Switch(Filter):
    """On or off."""

    template = "admin/list/filters/switch.html"
    ON = "yes"


class Typed(Filter):
    """What somebody types; `suggestions()` helps."""

    template = "admin/list/filters/typed.html"
    placeholder = ""

    def suggestions(self) -> Iterable[str]:
        return []


class Range(Filter):
    """From and to, of a column that an index begins with; either may be left out. What is no time is said."""

    template = "admin/list/filters/range.html"
    input_type: str

    column: str

    def __init__(self, request, params, model, model_admin):
        super().__init__(request, params, model, model_admin)
        self.wrong = set()
        self.start = self._bound("from")
        self.end = self._bound("to")

    def expected_parameters(self):
        return [f"{self.parameter_name}_from", f"{self.parameter_name}_to"]

    def bounds(self):
        """Yield name, label, value and whether it makes no sense of each of the two fields."""
        for side, label in (("from", _("from")), ("to", _("to"))):
            name = f"{self.parameter_name}_{side}"
            yield name, label, self.used_parameters.get(name, ""), side in self.wrong

    def _bound(self, side):
        text = self.used_parameters.get(f"{self.parameter_name}_{side}")
        if not text:
            return None
        try:
            moment = self.moment(text, side)
        except (ValueError, OverflowError):
            moment = None
        if moment is None:
            self.wrong.add(side)
        return moment

    def moment(self, text: str, side: str) -> datetime | None:
        """Return the first moment of the range, or the first one after it."""
        raise NotImplementedError

    def narrow(self, queryset):
        if self.wrong:
            return queryset.none()
        if self.start:
            queryset = queryset.filter(**{f"{self.column}__gte": self.start})
        if self.end:
            queryset = queryset.filter(**{f"{self.column}__lt": self.end})
        return queryset


class Days(Range):
    """From the beginning of one day to the end of another, in the reader's time zone."""

    input_type = "date"

    def moment(self, text, side):
        day = parse_date(text)
        return day and midnight(day + timedelta(days=side == "to"))


class Moments(Range):
    """From one minute to another, in the reader's time zone unless an offset is given.

    A time that a clock change repeats or skips is taken in the way that makes the range longer.
    """

    input_type = "datetime-local"

    def moment(self, text, side):
        moment = parse_datetime(text)
        if moment is None or timezone.is_aware(moment):
            return moment
        widest = max if side == "to" else min
        return widest((timezone.make_aware(moment.replace(fold=fold)) for fold in (0, 1)), key=datetime.timestamp)

    def bounds(self):
        """As Range.bounds(); a time with an offset is shown in the reader's time zone, as its field takes no offset."""
        for name, label, value, is_wrong in super().bounds():
            moment = parse_datetime(value) if value and not is_wrong else None
            if moment and timezone.is_aware(moment):
                value = f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"
            yield name, label, value, is_wrong


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def on_day(column: str, days_from_today: int) -> Callable:
    """Return what leaves of a queryset the rows of one day, as seen from today."""

    def narrow(queryset):
        day = timezone.localdate() + timedelta(days=days_from_today)
        return queryset.filter(**{f"{column}__gte": midnight(day), f"{column}__lt": midnight(day + timedelta(days=1))})

    return narrow


_of_others: dict[str, list[type[Filter]]] = {}


def register(model: str, filter: type[Filter]) -> None:
    """Give the list of another app's model ("orders.job") a filter, from AppConfig.ready."""
    if not issubclass(filter, Filter):
        raise ImproperlyConfigured(f"{filter} is no filter of console.changelist.filters.")
    _of_others.setdefault(model, []).append(filter)


def registered(model: str) -> list[type[Filter]]:
    return _of_others.get(model, [])
