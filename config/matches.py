"""The newest rows that a search fits, at a cost that does not grow with how many fit."""

from collections.abc import Hashable
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, QuerySet

# So many rows that fit are compared by their time; where more fit, those among the NEWEST of the table are.
COMPARED = 4_000
NEWEST = 20_000
KEPT = 500  # of those, the newest


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


def newest(fitting: QuerySet, by: str, *fields: str) -> Rows:
    """Return the newest rows of a filtered queryset, by a field that an index has in the order of the list.

    An index finds those that fit, wherever they lie, and where they are few they are sorted here: PostgreSQL, asked for
    the newest of them, might look for them from the newest row of all on, through a million others. Of something common
    it may, as it meets enough soon; and it stops after the NEWEST.
    """
    fitting = fitting.order_by().values_list("pk", F(by), *fields)
    rows = _some(fitting, COMPARED + 1)
    is_cut = len(rows) > COMPARED
    if is_cut:
        may_be_null = by != "pk" and fitting.model._meta.get_field(by).null
        order = [F(by).desc(nulls_last=True) if may_be_null else f"-{by}", "-pk"]
        horizon = fitting.model._default_manager.order_by(*order).values_list(by, flat=True)[NEWEST : NEWEST + 1]
        for oldest in horizon:
            if oldest is not None:
                fitting = fitting.filter(**{f"{by}__gte": oldest})
        rows = list(fitting.order_by(*order)[:KEPT])
    rows.sort(key=_time_and_key, reverse=True)
    return rows[:KEPT], is_cut or len(rows) > KEPT


def _some(fitting: QuerySet, most: int) -> list[tuple]:
    """Return any rows that fit. The statement is planned as if all were wanted, as a LIMIT of its own would tempt the
    planner to read a big table from end to end in the hope to meet enough soon; it still ends when it has them.
    """
    try:
        statement, parameters = fitting.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        statement = f"WITH fitting AS MATERIALIZED ({statement}) SELECT * FROM fitting LIMIT {most}"  # noqa: S608
        cursor.execute(statement, parameters)
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
