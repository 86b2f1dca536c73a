"""Leafing through a list of millions: the page after a row is found by the row's own values, not by counting up to it.

So the five thousandth page costs what the first one does (keyset pagination).
"""

import json
from dataclasses import dataclass

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, Model, OrderBy, Q, QuerySet

NOTHING = Q(pk__in=[])


class NoCursor(Exception):
    """What should name a row does not."""


@dataclass(frozen=True)
class Term:
    """One column of an order."""

    field: Field
    descending: bool
    nulls_first: bool

    def reverse(self) -> "Term":
        return Term(self.field, not self.descending, not self.nulls_first)

    def order(self) -> OrderBy:
        # Said only where it is not PostgreSQL's default, so that it is the order of the index.
        nulls = {}
        if self.nulls_first != self.descending:
            nulls = {"nulls_first": True} if self.nulls_first else {"nulls_last": True}
        column = F(self.field.name)
        return column.desc(**nulls) if self.descending else column.asc(**nulls)

    def beyond(self, value) -> Q:
        """Select what comes after `value`."""
        if value is None:
            return Q(**{f"{self.field.name}__isnull": False}) if self.nulls_first else NOTHING
        found = Q(**{f"{self.field.name}__{'lt' if self.descending else 'gt'}": value})
        if self.field.null and not self.nulls_first:
            found |= Q(**{f"{self.field.name}__isnull": True})
        return found

    def at(self, value) -> Q:
        return Q(**{f"{self.field.name}__isnull": True} if value is None else {self.field.name: value})

    def not_before(self, value) -> Q:
        return Q(**{f"{self.field.name}__{'lte' if self.descending else 'gte'}": value})


def terms_of(queryset: QuerySet) -> list[Term] | None:
    """Return the order of a queryset; None where it is not made of the model's own columns."""
    terms = []
    for part in queryset.query.order_by:
        if isinstance(part, str):
            name, descending, nulls_first = part.lstrip("-"), part.startswith("-"), None
        elif isinstance(part, OrderBy) and isinstance(part.expression, F):
            name, descending = part.expression.name, part.descending
            nulls_first = True if part.nulls_first else False if part.nulls_last else None
        else:
            return None
        try:
            field = queryset.model._meta.pk if name == "pk" else queryset.model._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        terms.append(Term(field, descending, descending if nulls_first is None else nulls_first))
    return terms or None


def cursor_of(terms: list[Term], row: Model) -> str:
    """Return what names the place of a row in the order."""
    return json.dumps(
        [None if getattr(row, term.field.attname) is None else term.field.value_to_string(row) for term in terms],
        separators=(",", ":"),
    )


def values_at(terms: list[Term], cursor: str) -> list:
    """Return the values that a cursor holds; raises NoCursor."""
    try:
        values = json.loads(cursor)
        if not (isinstance(values, list) and len(values) == len(terms) and "\x00" not in "".join(map(str, values))):
            raise NoCursor
        return [
            None if value is None else term.field.to_python(str(value))
            for term, value in zip(terms, values, strict=True)
        ]
    except (ValueError, ValidationError, RecursionError) as error:
        raise NoCursor from error


def rows_beyond(queryset: QuerySet, terms: list[Term], values: list | None, most: int) -> list[Model]:
    """Return at most `most` rows in the order of `terms`, from the beginning or after the row of these values."""
    rows = []
    queryset = queryset.order_by(*(term.order() for term in terms))
    for part in _parts(queryset, terms, values):
        rows += part[: most - len(rows)]
        if len(rows) >= most:
            break
    return rows


def _parts(queryset, terms, values):
    """Yield what is to be read, one after the other, each part with a beginning that an index finds."""
    if values is None:
        yield queryset
        return
    first, value = terms[0], values[0]
    beyond = _beyond(terms, values)
    if value is None:
        yield queryset.filter(first.at(None), _beyond(terms[1:], values[1:]))
        if first.nulls_first:
            yield queryset.filter(first.beyond(None))
        return
    yield queryset.filter(first.not_before(value), beyond)
    if first.field.null and not first.nulls_first:
        yield queryset.filter(first.at(None))


def _beyond(terms, values) -> Q:
    if not terms:
        return NOTHING
    found = terms[0].beyond(values[0])
    return found | (terms[0].at(values[0]) & _beyond(terms[1:], values[1:])) if len(terms) > 1 else found
