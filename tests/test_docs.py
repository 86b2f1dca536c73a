"""The documentation agrees with the code: commands, settings, dependencies, answers, limits, labels, links."""

import importlib
import pkgutil
import re
import tomllib
from itertools import chain, pairwise

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import load_command_class
from django.urls import resolve

from console.accounts.roles import ROLES
from console.changelist.export import MAX_ROWS as MAX_EXPORTED_ROWS
from orders.api import JobSerializer, TaskSerializer
from tests.running import ROOT
from webhooks.auth_modes import AUTH_MODES
from webhooks.models import Event, Source
from webhooks.providers import registry
from webhooks.receiving.token_endpoint import TokenThrottle
from webhooks.rejections.reasons import all_reasons
from webhooks.rejections.recorder import MAX_REJECTIONS

PAGES = {
    str(path.relative_to(ROOT)): path.read_text()
    for path in sorted(chain(ROOT.glob("*.md"), ROOT.glob("docs/**/*.md")))
}
ALL = "\n".join(PAGES.values())
EXAMPLE = (ROOT / ".env.example").read_text()
SETTINGS = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', (ROOT / "config/settings.py").read_text()))
COMMANDS = {path.stem: path.parts[-4] for path in ROOT.glob("*/management/commands/[a-z]*.py")}
TARGETS = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DEPENDENCIES = {
    re.match(r"[\w-]+", requirement)[0]
    for requirement in chain(PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"].values())
}
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def section(page: str, heading: str) -> str:
    """Return the text under a heading, with that of the headings below it."""
    marks, after = re.search(rf"^(#+) {re.escape(heading)}\n(.*)", PAGES[page], re.MULTILINE | re.DOTALL).groups()
    return re.split(rf"^#{{1,{len(marks)}}} ", after, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of each row of the tables in `text`, without the heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    heads = {number - 1 for number, line in enumerate(lines) if re.fullmatch(r"[|:-]+", line)}
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for number, line in enumerate(lines)
        if number not in heads and number - 1 not in heads
    ]


def anchors(text: str) -> set[str]:
    """Return the anchors that a forge gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
class TestPage:
    def test_its_links_lead_somewhere(self, page):
        for link in filter(None, chain.from_iterable(LINK.findall(PAGES[page]))):
            if re.match(r"https?:", link):
                continue
            path, _, anchor = link.partition("#")
            target = (ROOT / page).parent / path if path else ROOT / page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target.read_text()), link

    def test_its_lines_are_wrapped(self, page):
        prose = FENCED.sub("", PAGES[page]).splitlines()
        long = [line for line in prose if len(line) > 120 and not line.startswith(("|", "![", "    "))]
        assert not long

    def test_it_has_one_title_and_no_level_is_skipped(self, page):
        levels = [len(marks) for marks in re.findall(r"^(#+) ", FENCED.sub("", PAGES[page]), re.MULTILINE)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))

    def test_the_index_leads_to_it(self, page):
        folder, _, name = page.rpartition("/")
        if folder == "docs" and name != "README.md":
            assert f"]({name})" in PAGES["docs/README.md"]
            assert f"]({page})" in PAGES["README.md"]


def test_the_readme_is_short_and_has_the_two_commands():
    assert len(PAGES["README.md"].splitlines()) <= 90
    assert re.findall(r"^    (make \w+)", PAGES["README.md"], re.MULTILINE) == ["make run", "make demo"]
    assert {path.name for path in ROOT.glob("docs/*.png")} == set(
        re.findall(r"\(docs/(\w+\.png)\)", PAGES["README.md"])
    )


def test_env_example_and_the_page_have_each_setting():
    table = [re.match(r"`(\w+)`", cells[0])[1] for cells in rows(section("docs/operating.md", "Settings"))]

    assert sorted(re.findall(r"^# ([A-Z_]+)=", EXAMPLE, re.MULTILINE)) == sorted(SETTINGS)
    assert sorted(table) == sorted(SETTINGS)


def test_the_settings_that_production_requires_are_marked():
    required = set(re.findall(r'required_in_production\("([A-Z_]+)"\)', (ROOT / "config/settings.py").read_text()))
    marked = {cells[0].split("`")[1] for cells in rows(section("docs/operating.md", "Settings")) if "*" in cells[0]}

    assert marked == required == set(re.findall(r"^# ([A-Z_]+)=.*? \* ", EXAMPLE, re.MULTILINE))


def test_the_page_has_each_command_with_options_that_exist():
    table = {re.match(r"`(\w+)", cells[0])[1]: cells[1] for cells in rows(section("docs/operating.md", "Commands"))}

    assert table.keys() == COMMANDS.keys() | {"version"}
    for name, app in COMMANDS.items():
        known = load_command_class(app, name).create_parser("manage.py", name).format_help()
        missing = [option for option in re.findall(r"--[\w-]+", table[name]) if f"{option}" not in known]
        assert not missing, name


def test_commands_that_are_mentioned_exist():
    django = {"migrate", "collectstatic", "createsuperuser", "check", "axes_reset", "changepassword"}
    mentioned = set(re.findall(r"manage\.py (\w+)", ALL))

    assert mentioned - django <= COMMANDS.keys() | {"version"}


def test_make_targets_are_documented_and_exist():
    mentioned = set(re.findall(r"(?:`|^    |\| )make ([a-z-]+)", ALL, re.MULTILINE))

    assert mentioned - TARGETS == set()
    assert TARGETS - mentioned <= {"bench-setup"}


def test_each_dependency_has_its_reason():
    named = [name for cells in rows(section("docs/decisions.md", "Dependencies")) for name in cells[0].split(", ")]

    assert sorted(named) == sorted(DEPENDENCIES)
    assert all(cells[1] for cells in rows(section("docs/decisions.md", "Dependencies")))


def test_the_answers_are_those_of_the_endpoints():
    importlib.import_module("webhooks.receiving.urls")
    answers = {int(cells[0][:3]) for cells in rows(section("docs/providers.md", "Answers"))}

    assert answers == {200, *(reason.status for reason in all_reasons().values())}


def test_the_statuses_of_an_event_are_all_explained():
    table = [cells[0] for cells in rows(section("docs/architecture.md", "Statuses of an event"))]

    assert sorted(table) == sorted(Event.Status.values)


@pytest.mark.parametrize("slug", registry())
def test_a_provider_has_its_section(slug):
    provider = registry()[slug]
    text = section("docs/providers.md", provider.name)

    for signature in provider.signatures:
        algorithm = signature.algorithm.upper().replace("SHA", "SHA-")
        assert any(signature.header in cells[1] and algorithm in cells[2] for cells in rows(text)), signature
        fields = "&".join(signature.signed_fields)
        assert fields in text
    assert all(network in text for network in provider.networks)


def test_the_authentication_modes_are_all_explained():
    text = PAGES["docs/authentication.md"]
    table = [cells[0] for cells in rows(text.partition("\n## ")[0])]

    assert table == [mode.label for mode in AUTH_MODES]
    assert all(f"\n## {mode.label}\n" in text for mode in AUTH_MODES)


def test_the_roles_are_those_that_migrate_creates():
    table = [cells[0].strip("*") for cells in rows(section("docs/operating.md", "Roles and logins"))]

    assert table == list(ROLES)


def test_the_api_page_names_what_a_job_contains():
    nested = {name for name, field in JobSerializer().fields.items() if hasattr(field, "child")}
    nested |= {name for name, field in TaskSerializer().fields.items() if name in ("steps", "resource")}
    named = re.findall(r"`(\w+)`", next(cells[1] for cells in rows(PAGES["docs/api.md"]) if "/ID/" in cells[0]))

    assert set(named) == nested


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(?:GET )?(/(?:api|health|webhooks)/[^`?]*)", ALL))))
def test_a_url_that_is_mentioned_exists(path):
    assert resolve(path.replace("ID", "1").replace("<slug>", "a-slug"))


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        ("docs/api.md", f"{settings.REST_FRAMEWORK['PAGE_SIZE']} per page"),
        ("docs/authentication.md", f"({Source().signature_tolerance} seconds by default)"),
        (
            "docs/operating.md",
            f"lock a user name out, from that address, for {settings.AXES_COOLOFF_TIME.seconds // 60}",
        ),
        ("docs/providers.md", f"more than {TokenThrottle().num_requests} requests a minute"),
        ("docs/providers.md", f"The latest {MAX_REJECTIONS:,} rejections of each source"),
        ("docs/support.md", f"up to {MAX_EXPORTED_ROWS:,} rows"),
    ],
)
def test_a_limit_is_that_of_the_code(page, sentence):
    assert sentence in " ".join(PAGES[page].split())


def test_the_benchmarks_are_all_listed():
    table = [cells[0].strip("`") for cells in rows(PAGES["docs/performance.md"]) if re.fullmatch(r"`\w+`", cells[0])]
    modules = [path.stem for path in ROOT.glob("benchmarks/*.py") if "\ndef run(" in path.read_text()]

    assert sorted(table) == sorted(modules)


def test_the_glossary_explains_each_word_once():
    words = [word for cells in rows(PAGES["docs/glossary.md"]) for word in cells[0].split(", ")]
    models = {
        model._meta.verbose_name.lower()
        for app in ("webhooks", "orders", "chat")
        for model in apps.get_app_config(app).get_models()
    }

    assert len(words) == len(set(words))
    assert all(len(cells) == 2 and cells[1] for cells in rows(PAGES["docs/glossary.md"]))
    assert {"account", "source", "event", "subject", "job", "task", "step", "slot", "delivery", "projection"} <= set(
        words
    )
    assert {model for model in models if model not in words} == set()


APPS = ("config", "console", "webhooks", "orders", "chat")
FOLDERS = rf"(?:{'|'.join(APPS)}|templates|tests|benchmarks|docs|\.ci)"


@pytest.mark.parametrize("path", sorted(set(re.findall(rf"`({FOLDERS}/[^`\s]*)`", ALL))))
def test_a_file_that_is_named_exists(path):
    assert list(ROOT.glob(re.sub("<.*?>", "*", path)))


@pytest.mark.parametrize("name", sorted(set(re.findall(rf"`((?:{'|'.join(APPS)})(?:\.\w+)+)`", ALL))))
def test_a_module_that_is_named_exists(name):
    assert pkgutil.resolve_name(name)


def test_each_package_is_described():
    described = {cells[0].strip("`/") for cells in rows(section("docs/architecture.md", "Packages"))}
    packages = {str(path.parent.relative_to(ROOT)) for app in APPS for path in ROOT.glob(f"{app}/*/__init__.py")}
    of_django = {f"{app}/{name}" for app in APPS for name in ("management", "migrations", "templatetags")}

    assert packages - described <= {*of_django, "config/formats", "orders/admin", "chat/admin"}


def test_each_label_is_on_a_page():
    """What stands in italics with a capital letter is a label of the console, of a role or of a section here."""
    sources = [*(path for app in APPS for path in ROOT.glob(f"{app}/**/*.py")), *ROOT.glob("templates/**/*.html")]
    sources += [ROOT / "CHANGELOG.md"]
    texts = " ".join(path.read_text() for path in sources)
    texts += " ".join(str(model._meta.get_field("is_staff").verbose_name) for model in [get_user_model()])
    texts = re.sub(r'"\s*"', "", texts).lower()
    labels = set(re.findall(r"(?<!\*)\*([A-Z][^*\n]+)\*(?!\*)", ALL)) - {"RenewURL", "Security"}

    assert {label for label in labels if label.lower() not in texts} == set()


def test_code_that_is_named_exists():
    """Classes and functions, as `SourceAuthentication` and `get_page()`."""
    code = "\n".join(path.read_text() for folder in (*APPS, "tests") for path in ROOT.glob(f"{folder}/**/*.py"))
    named = {*re.findall(r"`([A-Z][a-z]\w*)`", ALL), *re.findall(r"`(\w+)\(\)`", ALL), "SourceAuthentication"}
    of_others = {"AppConfig", "Authorization", "Bearer"}

    assert {name for name in named - of_others if not re.search(rf"\b(?:class|def) {name}\b", code)} == set()
