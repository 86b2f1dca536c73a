"""Keyset pagination for Django admin changelists.

The page after a row is found by the row's own values through an index, not by counting up to it: the five thousandth
page costs what the first one does.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, Model, OrderBy, Q, QuerySet

NOTHING = Q(pk__in=[])
END = "end"  # as the cursor `before`: the last page


class InvalidCursor(Exception):
    """A cursor that names no place in an order."""


@dataclass(frozen=True)
class OrderColumn:
    """A column of an order."""

    field: "Field[Any, Any]"
    descending: bool
    nulls_first: bool

    def reverse(self) -> "OrderColumn":
        return OrderColumn(self.field, not self.descending, not self.nulls_first)

    def order(self) -> OrderBy:
        # Named only where it is not PostgreSQL's default, so that it is the order of the index.
        nulls: dict[str, Any] = {}
        if self.nulls_first != self.descending:
            nulls = {"nulls_first": True} if self.nulls_first else {"nulls_last": True}
        column = F(self.field.name)
        return column.desc(**nulls) if self.descending else column.asc(**nulls)

    def beyond(self, value: Any) -> Q:
        """Select the rows that come after `value`."""
        if value is None:
            return Q(**{f"{self.field.name}__isnull": False}) if self.nulls_first else NOTHING
        found = Q(**{f"{self.field.name}__{'lt' if self.descending else 'gt'}": value})
        if self.field.null and not self.nulls_first:
            found |= Q(**{f"{self.field.name}__isnull": True})
        return found

    def at(self, value: Any) -> Q:
        return Q(**{f"{self.field.name}__isnull": True} if value is None else {self.field.name: value})

    def not_before(self, value: Any) -> Q:
        return Q(**{f"{self.field.name}__{'lte' if self.descending else 'gte'}": value})


Columns = Sequence[OrderColumn]


@dataclass(frozen=True)
class KeysetPage:
    """A page of rows, and whether there are others around it."""

    rows: list[Any]
    has_previous: bool
    has_next: bool

    @classmethod
    def read(
        cls, queryset: QuerySet[Any], columns: Columns, size: int, *, after: str = "", before: str = ""
    ) -> "KeysetPage":
        """Return the page after or before the row that a cursor names.

        It is the first page without a cursor, for one that names no row, and where fewer than `size` rows are before.
        """
        if before and (page := cls._read_before(queryset, columns, size, before)):
            return page
        values = None
        if after and not before:
            with suppress(InvalidCursor):
                values = values_at(columns, after)
        rows = rows_beyond(queryset, columns, values, size + 1)
        return cls(rows[:size], has_previous=values is not None, has_next=len(rows) > size)

    @classmethod
    def _read_before(cls, queryset: QuerySet[Any], columns: Columns, size: int, cursor: str) -> "KeysetPage | None":
        try:
            values = None if cursor == END else values_at(columns, cursor)
        except InvalidCursor:
            return None
        rows = rows_beyond(queryset, [column.reverse() for column in columns], values, size + 1)
        if len(rows) <= size:
            return None
        return cls(rows[:size][::-1], has_previous=True, has_next=values is not None)


def columns_of(queryset: QuerySet[Any]) -> list[OrderColumn] | None:
    """Return the order of a queryset; None where it is not made of the model's own columns."""
    columns = []
    for part in queryset.query.order_by:
        nulls_first: bool | None
        if isinstance(part, str):
            name, descending, nulls_first = part.lstrip("-"), part.startswith("-"), None
        elif isinstance(part, OrderBy) and isinstance(part.expression, F):
            name, descending = part.expression.name, part.descending  # type: ignore[attr-defined]
            nulls_first = True if part.nulls_first else False if part.nulls_last else None
        else:
            return None
        try:
            field = queryset.model._meta.pk if name == "pk" else queryset.model._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        columns.append(OrderColumn(field, descending, descending if nulls_first is None else nulls_first))
    return columns or None


def cursor_of(columns: Columns, row: Model) -> str:
    """Return the cursor of a row's place in the order."""
    return json.dumps(
        [
            None if getattr(row, column.field.attname) is None else column.field.value_to_string(row)
            for column in columns
        ],
        separators=(",", ":"),
    )


def values_at(columns: Columns, cursor: str) -> list[Any]:
    """Return the values that a cursor holds; raise InvalidCursor."""
    try:
        values = json.loads(cursor)
        if not (isinstance(values, list) and len(values) == len(columns) and "\x00" not in "".join(map(str, values))):
            raise InvalidCursor
        return [
            None if value is None else column.field.to_python(str(value))
            for column, value in zip(columns, values, strict=True)
        ]
    except (ValueError, ValidationError, RecursionError) as error:
        raise InvalidCursor from error


def rows_beyond(queryset: QuerySet[Any], columns: Columns, values: list[Any] | None, limit: int) -> list[Any]:
    """Return at most `limit` rows in the order of `columns`, from the beginning or after the row of these values."""
    rows: list[Any] = []
    queryset = queryset.order_by(*(column.order() for column in columns))
    for part in _parts(queryset, columns, values):
        rows += part[: limit - len(rows)]
        if len(rows) >= limit:
            break
    return rows


def _parts(queryset: QuerySet[Any], columns: Columns, values: list[Any] | None) -> Iterator[QuerySet[Any]]:
    """Yield querysets to read one after the other, each with a beginning that an index finds."""
    if values is None:
        yield queryset
        return
    first, value = columns[0], values[0]
    if value is None:
        yield queryset.filter(first.at(None), _beyond(columns[1:], values[1:]))
        if first.nulls_first:
            yield queryset.filter(first.beyond(None))
        return
    yield queryset.filter(first.not_before(value), _beyond(columns, values))
    if first.field.null and not first.nulls_first:
        yield queryset.filter(first.at(None))


def _beyond(columns: Columns, values: list[Any]) -> Q:
    if not columns:
        return NOTHING
    found = columns[0].beyond(values[0])
    return found | (columns[0].at(values[0]) & _beyond(columns[1:], values[1:])) if len(columns) > 1 else found
