"""Exports of lists as CSV and Excel files, streamed in bounded memory, in which text stays text.

An export needs a permission of its own, and the admin log records each.
"""

import csv
import re
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console.audit_log import log_list_action
from console.changelist.changelist import ConsoleChangeList
from console.changelist.modeladmin import ListAdmin
from console.changelist.saved_views import normalize_query
from console.formatting import invisible

MAX_ROWS = 100_000  # rows of a file
_CHUNK_ROWS = 2000  # rows from the database
_CHUNK_BYTES = 64 * 1024  # bytes of a file that is sent
MAX_CELL_LENGTH = 32_767  # characters of a cell, which is Excel's limit
_MAX_DIGITS = 15  # that Excel keeps of a number
CUT = " […]"  # the end of a text that is longer
# OWASP, "CSV Injection": a spreadsheet takes what begins so for a formula; the wide ones as well, and after what it may
# overlook. Where its list separator is the semicolon (Chile, Colombia, Brazil) a cell begins inside of a text, too.
_FORMULA = re.compile("(?:^|[;\t\n])(?=[\\s\"'\u200c-\u200f\u061c]*[=+\\-@＝＋－＠])|^(?=[\t\n])")


type Rows = Generator[tuple[Any, ...]]


@dataclass(frozen=True)
class Column:
    heading: str | Promise  # translated when it is written
    name: str  # of a field, as in QuerySet.values_list


class UnpagedChangeList(ConsoleChangeList):
    """The filtered and searched rows of a list in its order, without a page."""

    def get_results(self, request: HttpRequest) -> None:
        pass


class ExportAdmin(ListAdmin):
    """A model admin whose list users with the permission "export" may export, in `export_columns`."""

    export_columns: list[Column] = []

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.export_columns) and request.user.has_perm(
            f"{self.opts.app_label}.export_{self.opts.model_name}"
        )

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        view = self.admin_site.admin_view(require_POST(self.export))
        return [path("export/", view, name=name), *super().get_urls()] if self.export_columns else super().get_urls()

    def get_list_tools(self, request: HttpRequest) -> list[str]:
        tools = super().get_list_tools(request)
        return [*tools, "admin/list/export.html"] if self.has_export_permission(request) else tools

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        limits = {"most_exported": MAX_ROWS, "longest_exported": MAX_CELL_LENGTH}
        context = {name: number_format(limit, force_grouping=True) for name, limit in limits.items()}
        return super().changelist_view(request, context | (extra_context or {}))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ConsoleChangeList]:
        return (
            UnpagedChangeList
            if str(request.resolver_match and request.resolver_match.url_name).endswith("_export")
            else super().get_changelist(request, **kwargs)
        )

    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """Answer with a file of what the address filters; POST says in which format."""
        if not (self.has_view_permission(request) and self.has_export_permission(request)):
            raise PermissionDenied
        file = FORMATS.get(request.POST.get("format", "")) or FORMATS["csv"]
        queryset = self.get_changelist_instance(request).queryset
        if queryset[MAX_ROWS : MAX_ROWS + 1].values("pk").exists():
            messages.warning(
                request,
                _("The file holds the first %(count)s rows of more.")
                % {"count": number_format(MAX_ROWS, force_grouping=True)},
            )
        name = f"{self.opts.model_name}s-{timezone.localtime():%Y-%m-%d-%H%M}.{file.ending}"
        # Language and time zone are applied now: while the file is sent, they may be those of another request.
        headings = [capfirst(str(column.heading)) for column in self.export_columns]
        query = normalize_query(request.META.get("QUERY_STRING", ""))
        entry = log_list_action(request.user, self.model, f"Exported as {file.ending.upper()}: ?{query}")
        rows = _counted(self._rows(queryset), entry)
        return StreamingHttpResponse(
            _until_closed(rows, file.write(headings, rows, timezone.get_current_timezone())),
            content_type=file.content_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )

    def _rows(self, queryset: QuerySet[Any]) -> Rows:
        values = queryset.values_list(*(column.name for column in self.export_columns))[:MAX_ROWS]
        with transaction.atomic():  # in which the cursor on the server lives
            yield from values.iterator(chunk_size=_CHUNK_ROWS)


def _counted(rows: Rows, entry: LogEntry) -> Rows:
    """Yield the rows, then log how many were sent, even where the download was cancelled."""
    count = 0
    try:
        for row in rows:
            count += 1
            yield row
    finally:
        rows.close()  # which ends their transaction
        LogEntry.objects.filter(pk=entry.pk).update(change_message=f"{entry.change_message} ({count} rows)")


def _until_closed(rows: Rows, pieces: Iterator[bytes]) -> Iterator[bytes]:
    with closing(rows):
        yield from pieces


def plain(value: Any, zone: tzinfo) -> Any:
    """Return a value as a spreadsheet takes it: number, date, time in `zone`, or text in which nothing is unseen, cut
    to what a cell holds.
    """
    if isinstance(value, datetime):
        try:
            return value.astimezone(zone).replace(tzinfo=None, microsecond=0)
        except OverflowError:  # on the first or the last day of datetime
            return value.isoformat()
    if value is None or isinstance(value, bool | int | Decimal | date):
        return value
    text = invisible.replace_invisible(str(value)[: MAX_CELL_LENGTH + 1])
    units = text.encode("utf-16-le")  # of which Excel counts the pairs: an emoji is two
    if len(units) <= 2 * MAX_CELL_LENGTH:
        return text
    return units[: 2 * (MAX_CELL_LENGTH - len(CUT))].decode("utf-16-le", "ignore") + CUT


def defused(text: str) -> str:
    """Return text of which no spreadsheet reads a part as a formula when it opens the CSV file."""
    return _FORMULA.sub(r"\g<0>'", text)


class _Line:
    """A file of which csv writes one line at a time."""

    def write(self, text: str) -> str:
        return text


def write_csv(headings: list[str], rows: Rows, zone: tzinfo) -> Iterator[bytes]:
    writer = csv.writer(_Line())
    yield b"\xef\xbb\xbf" + writer.writerow(headings).encode()  # by the mark Excel knows UTF-8
    lines = []
    for row in rows:
        lines.append(writer.writerow([_csv_cell(plain(value, zone)) for value in row]))
        if len(lines) == 500:
            yield "".join(lines).encode()
            lines.clear()
    yield "".join(lines).encode()


def _csv_cell(value: Any) -> Any:
    if isinstance(value, str):
        return defused(value)
    return f"{value:f}" if isinstance(value, Decimal) else value


def write_xlsx(headings: list[str], rows: Rows, zone: tzinfo) -> Iterator[bytes]:
    """A cell says its type, so that text is no formula, whatever it begins with."""
    with tempfile.TemporaryFile() as file:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        book = xlsxwriter.Workbook(file, options)
        bold, time = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(headings) - 1, 18)
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, bold)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                _write_cell(sheet, number, column, plain(value, zone), time)
        book.close()
        file.seek(0)
        while piece := file.read(_CHUNK_BYTES):
            yield piece


def _write_cell(sheet: Any, row: int, column: int, value: Any, time: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, date) and value.year >= 1900:  # where Excel's time begins
        sheet.write_datetime(row, column, value, time)
    elif isinstance(value, int | Decimal) and len(Decimal(value).as_tuple().digits) <= _MAX_DIGITS:
        sheet.write_number(row, column, value)
    else:  # text, and a number that would lose some of its digits
        sheet.write_string(row, column, f"{value:f}" if isinstance(value, Decimal) else str(value))


@dataclass(frozen=True)
class ExportFormat:
    ending: str
    content_type: str
    write: Callable[[list[str], Rows, tzinfo], Iterator[bytes]]


FORMATS = {
    "csv": ExportFormat("csv", "text/csv; charset=utf-8", write_csv),
    "xlsx": ExportFormat("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
}
