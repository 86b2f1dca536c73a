"""The newest rows that a search fits, at a cost that does not grow with how many fit."""

from collections.abc import Hashable
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, QuerySet

# So many rows that fit are compared by their time. Where more fit, those among the NEWEST of the table are.
COMPARED = 4_000
NEWEST = 20_000
KEPT = 500  # of those, the newest
# What fits one in COMMON of the newest SAMPLE rows is common: its index has too many to be read.
SAMPLE = 500
COMMON = 20


@dataclass(frozen=True)
class Matches:
    """Keys of rows: exact ones, then others, the newest of each first, and whether more fit."""

    exact: tuple[Hashable, ...] = ()
    others: tuple[Hashable, ...] = ()
    is_cut: bool = False

    @property
    def keys(self) -> tuple[Hashable, ...]:
        return self.exact + self.others


Rows = tuple[list[tuple], bool]  # (key, its time, other fields), newest first, and whether more fit


def newest(fitting: QuerySet, by: str, *fields: str, is_vague: bool = False) -> Rows:
    """Return the newest rows of a filtered queryset, by a field that an index has in the order of the list.

    An index finds those that fit, wherever they lie; where they are few, they are sorted here. Of something common the
    newest are met soon from the newest row of all on, and there the search ends after NEWEST rows. PostgreSQL is not
    left to choose between the two, as it does not know how common the beginning of a word is. `is_vague` says that
    something common may be asked for.
    """
    may_be_null = by != "pk" and fitting.model._meta.get_field(by).null
    order = [F(by).desc(nulls_last=True) if may_be_null else f"-{by}", "-pk"]
    latest = fitting.model._default_manager.order_by(*order)
    fitting = fitting.order_by(*order).values_list("pk", F(by), *fields)
    some = []
    if not (is_vague and len(among(latest[:SAMPLE], fitting)) * COMMON >= SAMPLE):
        some = sorted(_some(fitting.order_by(), COMPARED + 1), key=_time_and_key, reverse=True)
        if len(some) <= COMPARED:
            return some[:KEPT], len(some) > KEPT
    rows = among(latest[:NEWEST], fitting[: KEPT + 1])
    is_cut = len(rows) > KEPT or latest[NEWEST : NEWEST + 1].exists()
    # What was common once may be rare among the newest: some that are older are better than none.
    return list(dict.fromkeys(rows + some))[:KEPT], is_cut


def among(rows: QuerySet, fitting: QuerySet) -> list[tuple]:
    """Return those of a sliced queryset that fit, which are looked at one by one: `fitting` is read from what is called
    as its table and has only `rows` in it.
    """
    table = connection.ops.quote_name(fitting.model._meta.db_table)
    return _fetched(f"WITH {table} AS NOT MATERIALIZED ({{}}) {{}}", rows, fitting)


def _some(fitting: QuerySet, most: int) -> list[tuple]:
    """Return any rows that fit. The statement is planned as if all were wanted, as a LIMIT of its own would tempt the
    planner to read a big table from end to end in the hope to meet enough soon; it still ends when it has them.
    """
    return _fetched(f"WITH fitting AS MATERIALIZED ({{}}) SELECT * FROM fitting LIMIT {most}", fitting)  # noqa: S608


def _fetched(statement, *querysets):
    try:
        parts = [queryset.query.sql_with_params() for queryset in querysets]
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement.format(*(sql for sql, _ in parts)), [value for _, values in parts for value in values])
        return cursor.fetchall()


def merged(exact: list[Rows], others: list[Rows]) -> Matches:
    """Return what several calls of newest() found, each row once."""
    first, rest = _keys(exact), _keys(others)
    rest = [key for key in rest if key not in set(first)]
    is_cut = any(cut for _, cut in exact + others) or max(len(first), len(rest)) > KEPT
    return Matches(tuple(first[:KEPT]), tuple(rest[:KEPT]), is_cut)


def _keys(found):
    rows = sorted((row for rows, _ in found for row in rows), key=_time_and_key, reverse=True)
    return list(dict.fromkeys(row[0] for row in rows))


def _time_and_key(row):
    key, time, *_ = row
    return time is not None, time, key
