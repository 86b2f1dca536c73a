"""What a list shows, as a file for a spreadsheet: streamed, in bounded memory, with text that stays text.

Whoever reads a list may not yet carry it away: it takes a permission of its own, and each export is kept in the log.
"""

import csv
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal

import xlsxwriter
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console.audit_log import record
from console.changelist.changelist import ConsoleChangeList
from console.changelist.modeladmin import ListAdmin
from console.changelist.saved_views import normalize_query
from console.formatting import invisible

MOST = 100_000  # rows of a file
_AT_ONCE = 2000  # rows from the database
_PIECE = 64 * 1024  # bytes of a file that is sent
LONGEST = 32_767  # characters of a cell, which is Excel's limit
_DIGITS = 15  # that Excel keeps of a number
CUT = " […]"  # the end of a text that is longer
# OWASP, "CSV Injection": a spreadsheet takes what begins so for a formula; the wide ones as well, and after what it may
# overlook. Where its list separator is the semicolon (Chile, Colombia, Brazil) a cell begins inside of a text, too.
_FORMULA = re.compile("(?:^|[;\t\n])(?=[\\s\"'\u200c-\u200f\u061c]*[=+\\-@＝＋－＠])|^(?=[\t\n])")


@dataclass(frozen=True)
class Column:
    heading: str | Promise  # translated when it is written
    name: str  # of a field, as in QuerySet.values_list


class Rows(ConsoleChangeList):
    """What a list has filtered and searched, in its order, without a page of it."""

    def get_results(self, request):
        pass


class ExportAdmin(ListAdmin):
    """A model admin whose list may be exported, with `export_columns`, by who has the permission "export"."""

    export_columns: list[Column] = []

    def has_export_permission(self, request):
        return bool(self.export_columns) and request.user.has_perm(
            f"{self.opts.app_label}.export_{self.opts.model_name}"
        )

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        view = self.admin_site.admin_view(require_POST(self.export))
        return [path("export/", view, name=name), *super().get_urls()] if self.export_columns else super().get_urls()

    def get_list_tools(self, request):
        return [*super().get_list_tools(request), *(["admin/list/export.html"] * self.has_export_permission(request))]

    def changelist_view(self, request, extra_context=None):
        limits = {"most_exported": MOST, "longest_exported": LONGEST}
        context = {name: number_format(limit, force_grouping=True) for name, limit in limits.items()}
        return super().changelist_view(request, context | (extra_context or {}))

    def get_changelist(self, request, **kwargs):
        return (
            Rows if request.resolver_match.url_name.endswith("_export") else super().get_changelist(request, **kwargs)
        )

    def export(self, request):
        """Answer with a file of what the address filters; POST says in which format."""
        if not (self.has_view_permission(request) and self.has_export_permission(request)):
            raise PermissionDenied
        file = FORMATS.get(request.POST.get("format")) or FORMATS["csv"]
        queryset = self.get_changelist_instance(request).queryset
        if queryset[MOST : MOST + 1].values("pk").exists():
            messages.warning(
                request,
                _("The file holds the first %(count)s rows of more.")
                % {"count": number_format(MOST, force_grouping=True)},
            )
        name = f"{self.opts.model_name}s-{timezone.localtime():%Y-%m-%d-%H%M}.{file.ending}"
        # All that depends on who asks is fixed now: while it is sent, language and time zone may be another's.
        headings = [capfirst(str(column.heading)) for column in self.export_columns]
        query = normalize_query(request.META.get("QUERY_STRING", ""))
        entry = record(request.user, self.model, f"Exported as {file.ending.upper()}: ?{query}")
        rows = _counted(self._rows(queryset), entry)
        return StreamingHttpResponse(
            _until_closed(rows, file.write(headings, rows, timezone.get_current_timezone())),
            content_type=file.content_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )

    def _rows(self, queryset: QuerySet) -> Iterator[tuple]:
        values = queryset.values_list(*(column.name for column in self.export_columns))[:MOST]
        with transaction.atomic():  # in which the cursor on the server lives
            yield from values.iterator(chunk_size=_AT_ONCE)


def _counted(rows, entry):
    """Yield the rows, and write into the log how many were taken, also where somebody broke it off."""
    count = 0
    try:
        for row in rows:
            count += 1
            yield row
    finally:
        rows.close()  # and with it their transaction, which may be undone
        LogEntry.objects.filter(pk=entry.pk).update(change_message=f"{entry.change_message} ({count} rows)")


def _until_closed(rows, pieces):
    with closing(rows):
        yield from pieces


def plain(value, zone: tzinfo):
    """Return a value as a spreadsheet takes it: number, date, time in `zone`, or text in which nothing is unseen, cut
    to what a cell holds.
    """
    if isinstance(value, datetime):
        try:
            return value.astimezone(zone).replace(tzinfo=None, microsecond=0)
        except OverflowError:  # the first or the last day that there is
            return value.isoformat()
    if value is None or isinstance(value, bool | int | Decimal | date):
        return value
    text = invisible.replace_invisible(str(value)[: LONGEST + 1])
    units = text.encode("utf-16-le")  # of which Excel counts the pairs: an emoji is two
    if len(units) <= 2 * LONGEST:
        return text
    return units[: 2 * (LONGEST - len(CUT))].decode("utf-16-le", "ignore") + CUT


def defused(text: str) -> str:
    """Return text that no spreadsheet takes for a formula when it reads it from CSV, nor a part of it."""
    return _FORMULA.sub(r"\g<0>'", text)


class _Line:
    """A file of which csv writes one line at a time."""

    def write(self, text):
        return text


def write_csv(headings, rows, zone) -> Iterator[bytes]:
    writer = csv.writer(_Line())
    yield b"\xef\xbb\xbf" + writer.writerow(headings).encode()  # by the mark Excel knows UTF-8
    lines = []
    for row in rows:
        lines.append(writer.writerow([_csv_cell(plain(value, zone)) for value in row]))
        if len(lines) == 500:
            yield "".join(lines).encode()
            lines.clear()
    yield "".join(lines).encode()


def _csv_cell(value):
    if isinstance(value, str):
        return defused(value)
    return f"{value:f}" if isinstance(value, Decimal) else value


def write_xlsx(headings, rows, zone) -> Iterator[bytes]:
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
        while piece := file.read(_PIECE):
            yield piece


def _write_cell(sheet, row, column, value, time):
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, date) and value.year >= 1900:  # where Excel's time begins
        sheet.write_datetime(row, column, value, time)
    elif isinstance(value, int | Decimal) and len(Decimal(value).as_tuple().digits) <= _DIGITS:
        sheet.write_number(row, column, value)
    else:  # text, and a number that would lose some of its digits
        sheet.write_string(row, column, f"{value:f}" if isinstance(value, Decimal) else str(value))


@dataclass(frozen=True)
class Format:
    ending: str
    content_type: str
    write: Callable[[list[str], Iterator[tuple], tzinfo], Iterator[bytes]]


FORMATS = {
    "csv": Format("csv", "text/csv; charset=utf-8", write_csv),
    "xlsx": Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
}
