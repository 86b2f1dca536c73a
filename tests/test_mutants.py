"""`make mutants`: its list of survivors is up to date, and it fails where it has to."""

import inspect
import pkgutil
import re
from collections import Counter

import pytest

from tests import mutants

ENTRY = """orders/state.py: keyed
- seen[part["id"]] += 1
+ seen[part["id"]] -= 1
The occurrences only have to differ,
which they do.
"""


@pytest.fixture
def survivors(tmp_path, monkeypatch):
    """Return a function that replaces the list and its limit."""

    def survivors(text, limit=1):
        (tmp_path / "survivors.txt").write_text(text)
        monkeypatch.setattr(mutants, "SURVIVORS", tmp_path / "survivors.txt")
        monkeypatch.setattr(mutants, "MAX_SURVIVORS", limit)

    return survivors


def test_the_list_is_as_long_as_its_limit():
    assert len(mutants.read_survivors()) == mutants.MAX_SURVIVORS


def test_each_entry_is_of_code_that_exists():
    for survivor in mutants.read_survivors():
        assert any(
            (mutants.ROOT / survivor.file).match(name) for scope in mutants.SCOPES.values() for name in scope.files
        )
        module = survivor.file.removesuffix(".py").replace("/", ".")
        lines = {
            line.strip()
            for line in inspect.getsource(pkgutil.resolve_name(f"{module}:{survivor.function}")).splitlines()
        }
        changed = {line[2:] for line in survivor.change.splitlines() if line.startswith("- ")}
        assert changed <= lines, survivor.function


def test_each_scope_names_code_and_tests_that_exist():
    for scope in mutants.SCOPES.values():
        files = mutants.matching(mutants.ROOT, scope)
        assert files
        for test in (*scope.tests, *scope.left_out):
            path, _, name = test.partition("::")
            assert (mutants.ROOT / path).exists()
            assert not name or re.search(rf"^(?:def|class) {name}\b", (mutants.ROOT / path).read_text(), re.MULTILINE)
        code = "\n".join(path.read_text() for path in files)
        assert all(f"def {function}(" in code for function in scope.functions)


def test_an_entry_has_a_function_a_change_and_a_reason(survivors):
    survivors(f"{ENTRY}\n")
    change = '- seen[part["id"]] += 1\n+ seen[part["id"]] -= 1'
    assert mutants.read_survivors() == {
        mutants.Survivor("orders/state.py", "keyed", change): "The occurrences only have to differ, which they do."
    }


@pytest.mark.parametrize(
    "entry", [ENTRY.partition("The")[0], "orders/state.py: keyed\nA reason.\n", "a\n- b\n+ c\nd\n"]
)
def test_an_entry_that_is_not_complete_is_refused(survivors, entry):
    survivors(entry)
    with pytest.raises(mutants.MutantsError, match="lacks its function, its change or its reason"):
        mutants.read_survivors()


def test_a_longer_list_is_refused(survivors):
    survivors(ENTRY, limit=0)
    with pytest.raises(mutants.MutantsError, match="has 1 entries, and 0 is the limit"):
        mutants.read_survivors()


def test_a_file_of_a_scope_is_a_scope():
    name = "webhooks/payloads/schema.py"
    (chosen,) = mutants.choose_scopes([name]).values()
    assert [str(path.relative_to(mutants.ROOT)) for path in mutants.matching(mutants.ROOT, chosen)] == [name]
    assert mutants.choose_scopes(["webhooks/payloads/"]) == {"webhooks/payloads": mutants.SCOPES["webhooks/payloads"]}
    assert mutants.choose_scopes([]) == mutants.SCOPES
    with pytest.raises(mutants.MutantsError, match="console is in none of the scopes"):
        mutants.choose_scopes(["console"])


def counted(*functions):
    return Counter(mutants.Survivor("orders/state.py", function, "- a\n+ b") for function in functions)


@pytest.mark.parametrize(
    ("made", "survivors", "entries", "line"),
    [
        (0, "", "", "orders/state.py: FAILED, no mutants were made"),
        (20, "fgh", "fgh", "ok, 17 of 20 mutants killed (85.0%, 85% needed), 3 survived: 0 not listed"),
        (19, "fgh", "fgh", "FAILED, 16 of 19 mutants killed (84.2%, 85% needed), 3 survived: 0 not listed"),
        (
            99,
            "fg",
            "f",
            "survives and is not listed:\norders/state.py: g\n- a\n+ b\n\norders/state.py: FAILED, 97 of 99",
        ),
        (
            99,
            "ff",
            "f",
            "survives and is not listed:\norders/state.py: f\n- a\n+ b\n\norders/state.py: FAILED, 97 of 99",
        ),
        (
            99,
            "f",
            "fg",
            "is listed and does not survive:\norders/state.py: g\n- a\n+ b\n\norders/state.py: FAILED, 98 of",
        ),
    ],
)
def test_the_report(capsys, made, survivors, entries, line):
    is_good = mutants.report("orders/state.py", made, counted(*survivors), counted(*entries))
    assert line in capsys.readouterr().out
    assert is_good == line.startswith("ok")
