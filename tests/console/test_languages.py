"""Language and time zone of the admin's pages: as chosen, else as the browser says; all else is English and UTC."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from http.cookies import SimpleCookie

import pytest
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext

from config import catalogs
from console.checks import check_translations_are_compiled
from console.formatting import datetimes
from console.formatting.money import format_money
from console.middleware import LanguageAndTimeZone
from console.models import Preferences
from orders import timeline
from orders.models import Job
from orders.templatetags import jobs as jobs_tags
from tests import payloads
from tests.factories import UserFactory
from tests.running import ROOT

ES = {"accept-language": "es-MX,es;q=0.9,en;q=0.8"}
PT = {"accept-language": "pt-BR"}
LOCALES = ["es", "pt_BR"]
EVERY = pytest.mark.parametrize("locale", LOCALES)


def run_pybabel(*arguments):
    assert not CommandLineInterface().run(["pybabel", "--quiet", *map(str, arguments)])


def extract(template, *folders):
    """Return the messages that `make messages` finds in folders; write them to a file too."""
    run_pybabel("extract", "--mapping", ROOT / "pyproject.toml", "--output", template, *folders)
    with template.open("rb") as file:
        return {(message.id, message.context) for message in read_po(file) if message.id}


def read(locale, folder=ROOT / "config" / "locale"):
    with (folder / locale / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=locale)


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    folders = re.search(r"^TRANSLATED = (.+)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    return extract(tmp_path_factory.mktemp("marked") / "django.pot", *(ROOT / folder for folder in folders))


@pytest.fixture
def said(locale):
    """The messages of a language's catalog: its id (of a plural the plural's) and each of its translations."""
    messages = [message for message in read(locale) if message.id]
    return [(m.id, m.string) if m.pluralizable else ((m.id, m.id), (m.string, m.string)) for m in messages]


@EVERY
def test_all_that_is_marked_is_translated_and_nothing_else(marked, said, locale):
    catalog = read(locale)
    assert {(message.id, message.context) for message in catalog if message.id} == marked
    assert [id for id, strings in said if not all(strings)] == []


@EVERY
def test_nothing_is_left_for_later(locale):
    catalog = read(locale)
    assert [message.id for message in catalog if message.fuzzy and message.id] == []
    assert list(catalog.obsolete) == []


PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+[^>]*>")


@EVERY
def test_placeholders_and_markup_are_those_of_the_original(said):
    for (one, many), (first, last) in said:
        assert sorted(PLACEHOLDER.findall(last)) == sorted(PLACEHOLDER.findall(many))
        # A singular form may leave out its number.
        assert set(PLACEHOLDER.findall(one)) <= set(PLACEHOLDER.findall(first)) <= set(PLACEHOLDER.findall(many))


@EVERY
def test_white_space_at_the_ends_is_that_of_the_original(said):
    for (one, _), (first, _) in said:
        assert (first[:1].isspace(), first[-1:].isspace()) == (one[:1].isspace(), one[-1:].isspace())


def test_python_templates_and_packages_are_searched(tmp_path):
    (tmp_path / "views.py").write_text(
        '_("said")\nngettext("{n} job", "{n} jobs", 2)\npgettext("noun", "order")\n_(unsaid)'
    )
    (tmp_path / "page.html").write_text(
        '  {% load i18n %}<p title="{% translate "it\'s" %}">isn\'t (\n {% blocktranslate trimmed count n=jobs %}\n'
        "   {{ n }} late\n {% plural %} {{ n }} are\n  late {% endblocktranslate %} {{ _('filtered')|upper }}"
    )
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale" / "packages.txt").write_text("unfold/templates/**/*.html")
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "0001_initial.py").write_text('_("of a migration")')
    found = dict(extract(tmp_path / "django.pot", tmp_path))
    assert "of a migration" not in found
    assert found.pop("order") == "noun"
    ours = {"said", ("{n} job", "{n} jobs"), "it's", ("%(n)s late", "%(n)s are late"), "filtered"}
    assert ours <= set(found)
    assert "Toggle sidebar" in found  # Unfold's
    assert "Log in" not in found  # Unfold's, and in Django's own translation


def test_a_catalog_keeps_translations_and_drops_messages_that_are_gone(tmp_path):
    folder, page = tmp_path / "config" / "locale", tmp_path / "webhooks" / "page.html"
    path = folder / "es" / "LC_MESSAGES" / "django.po"
    for parent in (path.parent, page.parent):
        parent.mkdir(parents=True)
    recipe = (ROOT / "Makefile").read_text().partition("\nmessages: setup\n")[2].partition("\n\n")[0]
    (tmp_path / "Makefile").write_text(f"messages:\n{recipe}\n")
    variables = f"PYBABEL={sys.executable} -m babel.messages.frontend", "TRANSLATED=webhooks"
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    path.write_text('msgid "stays"\nmsgstr "queda"\n\nmsgid "goes"\nmsgstr "se va"\n')
    page.write_text('{% translate "stays" %}{% translate "comes" %}')
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    made = subprocess.run(
        ["make", "messages", *variables], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert {message.id: message.string for message in read("es", folder) if message.id} == {
        "stays": "queda",
        "comes": "",
    }
    assert "1 of 2 messages" in made.stderr


def test_a_deployment_check_names_catalogs_that_are_not_compiled(tmp_path, monkeypatch):
    for locale in LOCALES:
        name = f"{locale}/LC_MESSAGES/django.po"
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes((ROOT / "config" / "locale" / name).read_bytes())
    monkeypatch.setattr(settings, "LOCALE_PATHS", [tmp_path])
    assert [problem.id for problem in check_translations_are_compiled(None)] == ["console.W001"]
    run_pybabel("compile", "--directory", tmp_path, "--domain", "django")
    assert check_translations_are_compiled(None) == []
    (tmp_path / "es" / "LC_MESSAGES" / "django.mo").unlink()
    catalogs.compile_outdated()
    assert check_translations_are_compiled(None) == []


@pytest.mark.parametrize("language", ["es", "pt-br"])
def test_no_language_asks_for_a_migration(language, db):
    with translation.override(language):
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize(
    ("accepted", "language", "password"),
    [
        ("es-MX,es;q=0.9", "es", "Contraseña"),
        ("es-419", "es", "Contraseña"),
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt-br", "Senha"),
        ("pt", "pt-br", "Senha"),
        ("de-DE,de;q=0.9", "en", "Password"),
        ("", "en", "Password"),
        ("*;q=x,<script>" * 999, "en", "Password"),
    ],
)
def test_the_login_speaks_as_the_browser(client, db, accepted, language, password):
    answer = client.get("/admin/login/", headers={"accept-language": accepted})
    assert f'<html lang="{language}"' in answer.text
    assert password in answer.text
    assert answer["Content-Language"] == language
    assert "Accept-Language" in answer["Vary"]


@pytest.fixture
def job(source, post, process):
    """A job whose last event came on 5 January 2026, at 03:04:05 UTC."""
    post(payloads.sample())
    process()
    Job.objects.update(last_event_at=datetime(2026, 1, 5, 3, 4, 5, tzinfo=UTC))
    return Job.objects.get()


@pytest.fixture
def jobs(client, ivo, job):
    """Return a function that gives the list of jobs, as text."""
    client.force_login(ivo)

    def jobs(headers=ES, **cookies):
        client.cookies.update(SimpleCookie(cookies))
        return unescape(client.get("/admin/orders/job/", headers=headers).text)

    return jobs


@pytest.mark.clock
@pytest.mark.parametrize(
    ("headers", "zone", "shown"),
    [
        (ES, "America/Mexico_City", ["4 ene 21:04", "Mexico City (UTC−06:00)"]),
        (PT, "America/Sao_Paulo", ["5 jan 00:04", "Sao Paulo (UTC−03:00)"]),
        ({}, "Asia/Kolkata", ["5 Jan 08:34", "Kolkata (UTC+05:30)"]),
        ({}, "America/Buenos_Aires", ["5 Jan 00:04", "Buenos Aires (UTC−03:00)"]),  # as Chromium calls it
    ],
)
def test_times_are_those_of_the_browser(jobs, headers, zone, shown):
    page = jobs(headers, time_zone=zone)
    assert [text for text in shown if text not in page] == []


HOSTILE = [
    "../../etc/passwd",
    "/etc/passwd",
    "posixrules",
    "America",
    "<script>",
    "' OR 1=1",
    "é" * 5000,
    "UTC\x00",
    "",
]


@pytest.mark.parametrize("zone", HOSTILE)
def test_a_time_zone_that_there_is_not_is_none(client, ivo, job, settings, zone):
    settings.TIME_ZONE = "America/Bogota"
    client.force_login(ivo)
    cookie = f"time_zone={zone}; sessionid={client.cookies['sessionid'].value}"
    client.cookies.clear()
    answer = client.get("/admin/orders/job/", headers={"cookie": cookie})
    assert answer.status_code == 200
    assert "Bogota (UTC−05:00)" in answer.text
    assert "4 Jan 22:04" in answer.text


def test_a_choice_goes_before_the_browser_until_it_is_taken_back(client, ivo, jobs):
    chosen = {"language": "pt-br", "time_zone": "America/Santiago"}
    answer = client.post("/admin/preferences/", chosen, headers=ES, follow=True)
    assert "O seu idioma e o seu fuso horário foram salvos." in answer.text
    page = jobs(time_zone="America/Mexico_City")
    assert '<html lang="pt-br"' in page
    assert "5 jan 00:04" in page

    client.post("/admin/preferences/", {"language": "", "time_zone": ""})
    page = jobs(time_zone="America/Mexico_City")
    assert '<html lang="es"' in page
    assert "4 ene 21:04" in page
    assert Preferences.objects.get().user == ivo


def test_a_choice_is_one_of_those_offered_and_ones_own(client, ivo, db):
    answer = client.post("/admin/preferences/", {"language": "es", "time_zone": "UTC"})
    assert answer.url.startswith("/admin/login/")
    client.force_login(ivo)
    for chosen in ({"language": "xx"}, {"time_zone": "Mars/Olympus"}, {"time_zone": "../UTC"}):
        assert "desk-narrow" in client.post("/admin/preferences/", chosen).text  # the form again, with what is wrong
    assert not Preferences.objects.exists()
    client.post("/admin/preferences/", {"language": "es", "time_zone": "UTC", "user": UserFactory().pk})
    assert [chosen.user for chosen in Preferences.objects.all()] == [ivo]


def test_what_is_offered_no_longer_is_no_choice(client, ivo, jobs):
    Preferences.objects.create(user=ivo, language="tlh", time_zone="America/Atlantis")
    page = jobs(time_zone="America/Mexico_City")
    assert '<html lang="es"' in page
    assert "4 ene 21:04" in page
    assert client.get("/admin/preferences/").status_code == 200


def test_what_is_no_page_is_english_and_utc(client, ivo, source, jobs, post, django_assert_num_queries):
    assert '<html lang="es"' in jobs(time_zone="America/Mexico_City")
    assert (translation.get_language(), timezone.get_current_timezone_name()) == ("en", "UTC")  # in the same thread

    refused = client.post(source.get_webhook_path(), b"{", content_type="application/json", headers=ES)
    assert "Content-Language" not in refused
    assert "Vary" not in refused
    assert refused.json()["detail"].startswith("The ")
    listed = client.get("/api/jobs/", headers=ES)
    assert listed.json()["results"][0]["last_event_at"] == "2026-01-05T03:04:05Z"
    client.logout()
    assert client.get("/api/jobs/", headers=ES).json()["detail"] == "Authentication credentials were not provided."
    with django_assert_num_queries(1):
        post(payloads.sample(id="another"), headers=ES | {"cookie": "time_zone=America/Mexico_City; sessionid=abc"})


def test_what_is_written_piece_by_piece_is_in_the_pages_language(rf, ivo):
    def pieces(request):
        moment = datetime(2026, 1, 5, 3, 4, tzinfo=UTC)
        for _ in range(2):
            yield f"{gettext('Jobs')} {datetimes.day_and_time(moment)} "

    request = rf.get("/admin/x/", headers=ES | {"cookie": "time_zone=America/Mexico_City"})
    request.user = ivo
    answer = LanguageAndTimeZone(lambda request: StreamingHttpResponse(pieces(request)))(request)
    for piece in answer.streaming_content:
        assert piece.decode() == "Pedidos 4 ene 21:04 "
        assert translation.get_language() == "en"  # of whoever comes between two pieces


@pytest.mark.clock
def test_a_moment_says_its_distance_from_utc():
    winter, summer = (datetime(2026, month, 5, 12, tzinfo=UTC) for month in (1, 7))
    with timezone.override("America/New_York"), translation.override("es"):
        assert datetimes.format_time_element(winter) == (
            '<time datetime="2026-01-05T07:00:00-05:00" title="5 ene 2026 07:00:00 UTC−05:00">5 ene 07:00</time>'
        )
        assert "UTC−04:00" in datetimes.format_time_element(summer)
        assert datetimes.format_time_element(winter, "DAY").endswith(">lunes, 5 de enero de 2026</time>")
    assert datetimes.format_time_element(None) == "–"


def test_plurals_are_compatible_with_those_of_django():
    def tries(count):
        return ngettext("{left} try left", "{left} tries left", count).format(left=count)

    with translation.override("es"):
        assert [tries(0), tries(1), tries(2)] == ["quedan 0 intentos", "queda 1 intento", "quedan 2 intentos"]
        assert timesince(datetime(2026, 1, 5), datetime(2026, 1, 6)) == "1\xa0día"
    with translation.override("pt-br"):
        assert [tries(0), tries(1), tries(2)] == ["resta 0 tentativa", "resta 1 tentativa", "restam 2 tentativas"]


@pytest.mark.parametrize(
    ("language", "amount", "whole", "quantity"),
    [
        ("en", "1,234,567.50 COP", "1,768 CLP", "1.25"),
        ("es", "1,234,567.50 COP", "1,768 CLP", "1.25"),
        ("pt-br", "1.234.567,50 COP", "1.768 CLP", "1,25"),
    ],
)
def test_money_and_quantities_are_written_as_the_language_does(language, amount, whole, quantity):
    with translation.override(language):
        assert format_money(Decimal("1234567.5"), "COP") == amount
        assert format_money(Decimal("1768.00"), "CLP") == whole
        assert format_money(Decimal("1234567.499"), "COP") == amount  # rounded
        assert jobs_tags.quantity(Decimal("1.250")) == timeline.format_value("found_quantity", "1.250") == quantity
        assert timeline.format_value("reference", "1.25") == "1.25"
        assert f"{timeline.format_value('payment_value', '1234567.50')}0 COP" == amount
        assert timeline.format_value("payment_value", "much") == "much"
        assert jobs_tags.quantity(Decimal("4000.000")) == "4000"


def test_a_format_has_one_name_in_every_language():
    modules = {path.parent.name: path.read_text() for path in (ROOT / "config" / "formats").glob("*/formats.py")}
    assert set(modules) == {"en", *LOCALES}
    named = [set(re.findall(r"^[A-Z_]+", text, re.MULTILINE)) for text in modules.values()]
    for template in (ROOT / "templates").rglob("*.html"):
        asked = set(re.findall(r"""(?:date|time|moment [\w.]+)(?::| )"([A-Z_]{2,})\"""", template.read_text()))
        assert asked <= set.intersection(*named), template


@pytest.mark.clock
def test_a_span_names_its_second_day_only_where_it_is_another():
    start = datetime(2026, 1, 5, 22, tzinfo=UTC)
    with timezone.override("America/Mexico_City"), translation.override("pt-br"):
        assert datetimes.format_time_range(start, start + timedelta(hours=7)) == "5 jan 16:00–23:00"
        assert datetimes.format_time_range(start, start + timedelta(hours=9)) == "5 jan 16:00 – 6 jan 01:00"


def test_numbers_that_are_no_text_stay_as_they_are(client, ivo, job, source_of, post, process):
    """1.234.567 is how Brazil writes it; an address, an attribute or an input has it without points."""
    client.force_login(ivo)
    job.pk, job.external_id = 1234567, "another"
    job.save(force_insert=True)
    for provider in payloads.SIGNED.keys() - {"instaleap"}:
        other = source_of(provider)
        for name in payloads.SIGNED[provider]:
            post(name, to=other)
    process()
    for path in ("/admin/orders/job/1234567/change/", *pages(client)):
        page = client.get(path, headers=PT, follow=True).text
        assert "1.234.567" not in page
        attributes = re.findall(
            r' (?:x|y|x1|y1|x2|y2|width|height|points|d|cx|cy|r|data-[\w-]+|value|style)="([^"]*)"', page
        )
        # A number alone, a list of coordinates, or a part of a style.
        assert [
            text for text in attributes if re.search(r"^[\s\d]*\d,\d+$|[:(]\d+,\d+(?:px|%|[a-z]*\b)", text)
        ] == [], path
    assert "/admin/orders/job/1234567/change/" in client.get("/admin/orders/job/", headers=PT).text


def pages(client):
    """The admin's first page, each of its lists, and the page of a row of each."""
    yield "/admin/"
    for model in admin.site._registry:
        listed = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        yield listed
        if row := model.objects.first():
            yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])


@pytest.mark.parametrize(
    ("headers", "there", "allowed"), [(ES, "no existe", "No tiene acceso"), (PT, "não existe", "não tem acesso")]
)
def test_errors_of_the_admin_are_pages_in_the_readers_language(client, db, headers, there, allowed):
    support = UserFactory()
    support.groups.add(Group.objects.get(name="Support"))
    client.force_login(support)
    missing, closed = (client.get(f"/admin/{path}/", headers=headers) for path in ("nothing", "webhooks/source"))
    assert (missing.status_code, closed.status_code) == (404, 403)
    assert there in missing.text
    assert allowed in closed.text
    assert client.get("/nothing", headers=headers).text.count("Delivery desk") == 0


def test_whose_clock_it_is_stands_on_the_page_too(jobs):
    assert "Horas de Mexico City (UTC−06:00)" in jobs(time_zone="America/Mexico_City")
