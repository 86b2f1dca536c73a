"""Numbers as the page's language writes them, and counts of rows that stop at a limit."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.formats import get_format, number_format

MAX_COUNT = 10_000  # rows that are counted at most: as many as a list pages through


def localize_separators(number: str) -> str:
    """Return a number as the page's language writes it: "1,768.85" is "1.768,85" in Brazil. For display only."""
    separators = {",": get_format("THOUSAND_SEPARATOR"), ".": get_format("DECIMAL_SEPARATOR")}
    return number.translate(str.maketrans(separators))


@dataclass(frozen=True)
class BoundedCount:
    """A count that may have stopped: `number` is above `limit` where there is more than `limit`."""

    number: int
    limit: int = MAX_COUNT

    @property
    def is_complete(self) -> bool:
        return self.number <= self.limit

    @property
    def shown(self) -> int:
        """The number, `limit` at most."""
        return min(self.number, self.limit)

    def __str__(self) -> str:
        return f"{number_format(self.shown, force_grouping=True)}{'' if self.is_complete else '+'}"

    def __bool__(self) -> bool:
        return bool(self.number)

    @classmethod
    def of(cls, queryset: QuerySet[Any], limit: int = MAX_COUNT) -> "BoundedCount":
        """Count a queryset's rows in its own order, so that the index is walked that serves its rows."""
        return cls(queryset.values("pk")[: limit + 1].count(), limit)

    @classmethod
    def of_each(cls, *querysets: QuerySet[Any], limit: int = MAX_COUNT) -> list["BoundedCount"]:
        """Count the rows of several querysets with one query."""
        parts: list[str] = []
        parameters: list[Any] = []
        for queryset in querysets:
            sql, values = queryset.order_by().values("pk")[: limit + 1].query.sql_with_params()
            parts.append(f"(SELECT count(*) FROM ({sql}) AS found)")  # noqa: S608 - Django wrote the SQL
            parameters += values
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts)}", parameters)
            return [cls(number, limit) for number in cursor.fetchone()]
