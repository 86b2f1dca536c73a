"""A list as a file: exactly what is filtered, as text that stays text, and who took it."""

import csv
import io
import re
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.contrib.admin.models import LogEntry
from hypothesis import given
from hypothesis import strategies as st

from console.changelist import export
from console.formatting import invisible
from orders.models import Job
from tests import payloads
from webhooks.models import Event

JOBS = "/admin/orders/job/"
NAMES = {"x": "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"}
MOMENT = datetime(2026, 3, 2, 23, 30, 15, 250_000, tzinfo=UTC)
HOSTILE = {  # and as it stands in CSV
    "=1+1": "'=1+1",
    "+52 222": "'+52 222",
    "-2": "'-2",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'\t'=1",
    "\ttwo": "'\ttwo",
    "\r=1": "‹U+000D›=1",
    " =1": "' =1",
    "\u200f=1": "'\u200f=1",
    "\ufeff=1": "‹BOM›=1",
    '"=1': "'\"=1",
    "'=1": "''=1",
    "＝1": "'＝1",
    '=cmd|"/c calc"!A1': '\'=cmd|"/c calc"!A1',
    'a;=1;"-2\r\n@3': "a;'=1;'\"-2\n'@3",  # where the semicolon separates, a quote inside of it ends nothing
    "a\x01b\uffff": "a‹U+0001›b‹U+FFFF›",
    "\u202egpj.exe": "‹RLO›gpj.exe",
    "_x0041_": "_x0041_",
    "<b>&amp;": "<b>&amp;",
}


@pytest.fixture
def job(source):
    def job(reference="A-1", **values):
        return Job.objects.create(
            provider="instaleap",
            external_id=reference,
            client_reference=reference,
            received_through=source,
            last_event_type="CREATED",
            **{"first_event_at": MOMENT, "last_event_at": MOMENT, "snapshot": {}, "missing_items": 0} | values,
        )

    return job


@pytest.fixture
def exported(client, ivo):
    client.force_login(ivo)

    def exported(url=f"{JOBS}export/", format="csv"):
        answer = client.post(url, {"format": format})
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].endswith(f'.{format}"')
        body = b"".join(answer.streaming_content)
        return rows_of_csv(body) if format == "csv" else rows_of_xlsx(body)

    return exported


def rows_of_csv(body):
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def rows_of_xlsx(body):
    """Return rows by heading, of each cell its type and what is written in it."""
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.iter(f"{NAMES['x']}f"))  # no formula anywhere
    rows = []
    for row in sheet.iter(f"{NAMES['x']}row"):
        cells = {}
        for cell in row:
            column = cell.get("r").rstrip("0123456789")
            cells[column] = cell.get("t", "n"), "".join(cell.itertext())
        rows.append(cells)
    headings = {column: text for column, (_type, text) in rows[0].items()}
    return [{headings[column]: value for column, value in cells.items()} for cells in rows[1:]]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_has_what_is_filtered_searched_and_in_its_order(job, exported, format):
    job("A-1", status="CREATED", last_event_at=MOMENT)
    job("A-2", status="CREATED", last_event_at=MOMENT.replace(hour=23, minute=59))
    job("B-3", status="CREATED")
    job("A-4", status="CANCELLED")
    rows = exported(f"{JOBS}export/?status=CREATED&q=A-&after=x&p=7", format)
    assert [row["Reference"] if format == "csv" else row["Reference"][1] for row in rows] == ["A-2", "A-1"]


def test_numbers_are_exact_and_times_are_those_of_the_reader(job, exported, client):
    job(payment_value=Decimal("1768.850"), declared_value=Decimal("12345678901234567890.01"), slot_from=MOMENT)
    client.cookies["time_zone"] = "America/Mexico_City"
    (row,) = exported()
    (cells,) = exported(format="xlsx")
    assert (row["To pay"], row["Declared value"]) == ("1768.850", "12345678901234567890.01")
    assert (row["Slot from"], row["Slot to"], row["Missing items"]) == ("2026-03-02 17:30:15", "", "0")
    assert cells["To pay"] == ("n", "1768.850")
    assert cells["Declared value"] == ("inlineStr", "12345678901234567890.01")  # Excel's numbers have 15 digits
    days = (datetime(2026, 3, 2, 17, 30, 15) - datetime(1899, 12, 30)).total_seconds() / 86400
    assert cells["Slot from"][0] == "n"
    assert float(cells["Slot from"][1]) == pytest.approx(days, abs=1e-8)
    assert cells["Missing items"] == ("n", "0")
    assert "Slot to" not in cells


def test_first_and_last_days_that_there_are(job, exported, client):
    job(slot_from=datetime(1, 1, 1, tzinfo=UTC), slot_to=datetime(9999, 12, 31, 23, 59, tzinfo=UTC))
    for zone in ("America/Mexico_City", "Asia/Tokyo"):
        client.cookies["time_zone"] = zone
        (row,) = exported()
        (cells,) = exported(format="xlsx")
        assert row["Slot from"].startswith("0001-01-01")
        assert cells["Slot from"][0] == "inlineStr"


def test_text_stays_text(job, exported):
    for number, text in enumerate(HOSTILE):
        job(str(number), recipient_name=text, job_comment='two\nlines, "quoted"')
    rows = {int(row["Job id"]): row for row in exported()}
    assert {text: rows[number]["Customer"] for number, text in enumerate(HOSTILE)} == HOSTILE
    assert {row["Comment"] for row in rows.values()} == {'two\nlines, "quoted"'}
    cells = {int(row["Job id"][1]): row["Customer"] for row in exported(format="xlsx")}
    expected = {
        text: ("inlineStr", invisible.replace_invisible(text).replace("_x0041_", "_x005F_x0041_")) for text in HOSTILE
    }
    assert {text: cells[number] for number, text in enumerate(HOSTILE)} == expected


@given(
    st.text(st.one_of(st.sampled_from("=+-@;\t\r\n\"' x\u200f"), st.characters(exclude_categories=["Cs"])), max_size=20)
)
def test_no_cell_of_csv_begins_as_a_formula(text):
    cell = export._csv_cell(export.plain(text, UTC))
    for part in re.split("[;\t\n]", cell):
        assert not re.match('[\\s"\u200c-\u200f\u061c]*[=+\\-@＝＋－＠]', part)
    assert cell[:1] not in tuple("\t\r\n") or cell == ""
    assert cell.replace("'", "") == invisible.replace_invisible(text).replace("'", "")


@pytest.mark.parametrize("text", ["x" * 32_767, "x" * 32_768, "\U0001f600" * 20_000, "\u202e" * 20_000])
def test_a_text_longer_than_excel_takes_is_cut_and_says_so(job, exported, text):
    job(job_comment=text)
    (cells,), (row,) = exported(format="xlsx"), exported()
    cut = cells["Comment"][1]
    assert cut == row["Comment"]
    assert len(cut.encode("utf-16-le")) <= 2 * 32_767
    assert (cut == text) if len(text) == 32_767 else cut.endswith(" […]")


def test_more_rows_than_a_file_holds_are_said(job, exported, client, monkeypatch):
    monkeypatch.setattr(export, "MAX_ROWS", 2)
    for number in range(3):
        job(str(number))
    assert len(exported()) == 2
    assert "The file holds the first 2 rows of more." in client.get(JOBS).content.decode()


def test_who_took_what_is_kept(job, exported, ivo, client):
    job()
    exported(f"{JOBS}export/?status=&q=A&p=2", "xlsx")
    entry = LogEntry.objects.get()
    assert (entry.user, entry.change_message) == (ivo, "Exported as XLSX: ?q=A (1 rows)")
    assert "Exported as XLSX: ?q=A (1 rows)" in client.get("/admin/admin/logentry/").content.decode()


def test_what_is_broken_off_is_kept_too(job, client, ivo):
    for number in range(600):
        job(str(number))
    client.force_login(ivo)
    answer = client.post(f"{JOBS}export/")
    pieces = answer._iterator  # streaming_content is another one each time, and cannot be closed
    next(pieces)  # the headings
    next(pieces)
    assert not LogEntry.objects.filter(change_message__contains="rows").exists()
    pieces.close()
    assert LogEntry.objects.get().change_message == "Exported as CSV: ? (500 rows)"
    assert Job.objects.count() == 600


def test_every_list_that_can_be_exported_is(source, post, process, exported):
    post(payloads.sample())
    process()
    assert exported("/admin/webhooks/event/export/")[0]["Status"] == "processed"
    for model in ("chat/conversation", "chat/message", "chat/contact", "webhooks/rejection"):
        for format in ("csv", "xlsx"):
            assert exported(f"/admin/{model}/export/", format) == []
    assert Event.objects.count() == 1


def test_is_asked_for_with_post_alone(client, ivo):
    client.force_login(ivo)
    assert client.get(f"{JOBS}export/").status_code == 405
