"""The newest matches of a search, at a cost that does not grow with the number of matches.

Design. PostgreSQL does not know how common the beginning of a word is, so it must not choose the plan of
"ORDER BY time LIMIT n" over a text index: for a rare word it may read the whole table by time, for a common one it may
sort millions of matches. newest_matches() chooses instead:

1. A sample of the newest rows tells whether the term is common (only for terms that may be: `is_vague`).
2. A rare term's matches are read through the text index, at most MAX_COMPARED of them, and sorted here.
3. A common term's matches are met soon from the newest row backwards; the scan ends after MAX_SCANNED rows.

matches_among() restricts a queryset's SQL to a slice of its own table: the statement becomes
`WITH "orders_job" AS NOT MATERIALIZED (<the slice>) <the queryset's SQL>`, in which the name of the common table
expression shadows the table's. Inside its own definition the name still means the table (only WITH RECURSIVE would
change that), everywhere behind it the slice: https://www.postgresql.org/docs/current/queries-with.html. The ORM cannot
express this; `pk__in=<slice>` would let the planner read the text index first.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, QuerySet

MAX_COMPARED = 4_000  # matches that are sorted by their time
MAX_SCANNED = 20_000  # newest rows among which the matches of a common term are looked for
MAX_MATCHES = 500  # that are returned
# A term that one in COMMON_RATIO of the newest SAMPLE_SIZE rows matches is common: its index has too many to be read.
SAMPLE_SIZE = 500
COMMON_RATIO = 20

Row = tuple[Any, ...]  # key, time, further fields
Rows = tuple[list[Row], bool]  # the newest first, and whether there are more matches


@dataclass(frozen=True)
class Matches:
    """Keys of rows: exact matches, then others, the newest of each first, and whether there are more."""

    exact: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    is_cut: bool = False

    @property
    def keys(self) -> tuple[int, ...]:
        return self.exact + self.others


def newest_matches(matching: QuerySet[Any], by: str, *fields: str, is_vague: bool = False) -> Rows:
    """Return the newest rows of a filtered queryset with some further fields.

    `by` is the field of their time, of which an index exists in the order of the list. `is_vague` says that the filter
    may be one that many rows match. Some rows may be older than others that were left out, where the term was common
    once and is rare among the newest rows.
    """
    may_be_null = by != "pk" and matching.model._meta.get_field(by).null
    order = [F(by).desc(nulls_last=True) if may_be_null else f"-{by}", "-pk"]
    latest = matching.model._default_manager.order_by(*order)
    matching = matching.order_by(*order).values_list("pk", F(by), *fields)
    some: list[Row] = []
    if not (is_vague and len(matches_among(latest[:SAMPLE_SIZE], matching)) * COMMON_RATIO >= SAMPLE_SIZE):
        some = sorted(_any_matches(matching.order_by(), MAX_COMPARED + 1), key=_time_and_key, reverse=True)
        if len(some) <= MAX_COMPARED:
            return some[:MAX_MATCHES], len(some) > MAX_MATCHES
    rows = matches_among(latest[:MAX_SCANNED], matching[: MAX_MATCHES + 1])
    is_cut = len(rows) > MAX_MATCHES or latest[MAX_SCANNED : MAX_SCANNED + 1].exists()
    return list(dict.fromkeys(rows + some))[:MAX_MATCHES], is_cut


def matches_among(rows: QuerySet[Any], matching: QuerySet[Any]) -> list[Row]:
    """Return the rows of `matching` that are in the slice `rows` of the same table, as the module's text explains."""
    table = connection.ops.quote_name(matching.model._meta.db_table)
    return _fetch(f"WITH {table} AS NOT MATERIALIZED ({{}}) {{}}", rows, matching)


def _any_matches(matching: QuerySet[Any], limit: int) -> list[Row]:
    """Return any rows that match.

    The statement is planned as if all were wanted: a LIMIT of its own would tempt the planner to read a big table from
    end to end in the hope to meet enough soon. It still stops as soon as it has them.
    """
    return _fetch(f"WITH matching AS MATERIALIZED ({{}}) SELECT * FROM matching LIMIT {limit}", matching)  # noqa: S608


def _fetch(statement: str, *querysets: QuerySet[Any]) -> list[Row]:
    try:
        parts = [queryset.query.sql_with_params() for queryset in querysets]
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement.format(*(sql for sql, _ in parts)), [value for _, values in parts for value in values])
        rows: list[Row] = cursor.fetchall()
        return rows


def merge_matches(exact: list[Rows], others: list[Rows]) -> Matches:
    """Return what several calls of newest_matches() found, each row once."""
    first, rest = _keys(exact), _keys(others)
    rest = [key for key in rest if key not in set(first)]
    is_cut = any(cut for _, cut in exact + others) or max(len(first), len(rest)) > MAX_MATCHES
    return Matches(tuple(first[:MAX_MATCHES]), tuple(rest[:MAX_MATCHES]), is_cut)


def _keys(found: list[Rows]) -> list[int]:
    rows = sorted((row for rows, _ in found for row in rows), key=_time_and_key, reverse=True)
    return list(dict.fromkeys(row[0] for row in rows))


def _time_and_key(row: Row) -> tuple[bool, Any, Any]:
    key, time, *_ = row
    return time is not None, time, key
