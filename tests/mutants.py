"""`make mutants`: changes the code in small ways, one at a time, and counts the changes that the tests notice.

mutmut changes a copy of the checkout in DATA_DIR/mutants. In each scope the tests must kill 85 % of the mutants;
mutants without a test count as survivors. Each survivor is an entry of tests/mutants_survivors.txt, which may only
shrink: the function, the change, and the reason why no test notices it. A survivor without an entry fails, and so does
an entry whose mutant no longer survives. ARGS names scopes, or files of a scope.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / os.environ.get("DATA_DIR", "var") / "mutants"
SURVIVORS = ROOT / "tests" / "mutants_survivors.txt"
MAX_SURVIVORS = 55  # entries; lower it whenever the list has become shorter
MIN_KILLED = 0.85
NOT_COPIED = shutil.ignore_patterns(".*", "var", "__pycache__", "*.pyc", "*.png", "node_modules")
KILLED = ("killed", "timeout")  # mutmut's statuses


class MutantsError(Exception):
    """The mutants could not be counted; the message says why."""


@dataclass(frozen=True)
class Scope:
    """Files to change, as patterns; the tests that have to notice; the functions to change, where not all are."""

    files: tuple[str, ...]
    tests: tuple[str, ...]
    functions: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()  # of the tests: those that take long and notice nothing more


class Survivor(NamedTuple):
    """A change that no test notices: `change` has the lines of a diff, without indentation."""

    file: str
    function: str
    change: str


_ANYTHING_SENT = (
    "tests/webhooks/auth/test_dynamic_token.py::test_whatever_is_sent_gets_a_clear_answer",
    "tests/webhooks/auth/test_dynamic_token.py::test_whatever_is_sent_as_form_data_gets_a_clear_answer",
    "tests/webhooks/rejections/test_recorder.py::test_whatever_is_refused_is_remembered",
)
SCOPES = {
    "webhooks/payloads": Scope(("webhooks/payloads/*.py",), ("tests/webhooks/payloads",)),
    "webhooks/receiving": Scope(
        ("webhooks/receiving/*.py",),
        (
            "tests/webhooks/receiving/test_client_credentials.py",
            "tests/webhooks/receiving/test_answers.py",
            "tests/webhooks/receiving/test_receive.py",
            "tests/webhooks/receiving/test_inbox.py",
            "tests/webhooks/receiving/test_drf.py",
            "tests/webhooks/auth/test_dynamic_token.py",
        ),
        left_out=_ANYTHING_SENT,
    ),
    "webhooks/auth": Scope(
        ("webhooks/auth/*.py",), ("tests/webhooks/auth", "tests/webhooks/rejections"), left_out=_ANYTHING_SENT
    ),
    "orders/state.py": Scope(("orders/state.py",), ("tests/orders/test_state.py",)),
    "orders/fold.py": Scope(
        ("orders/fold.py",),
        ("tests/orders/test_fold.py::TestSnapshots", "tests/orders/test_rows.py"),
        (  # those without a query
            "_item_columns",
            "_task_columns",
            "_key",
            "_ordered",
            "_fold_job",
            "_statuses",
            "_job_row",
            "_changed",
            "_part_row",
            "_newest_descriptions",
            "_describe",
            "_same_named",
            "_at_paths",
            "_at_path",
            "_fitting",
        ),
    ),
    "chat/fold.py": Scope(
        ("chat/fold.py",),
        ("tests/chat", "tests/webhooks/providers/test_tawk.py"),
        ("_group_changes", "_apply_value", "_version_key", "_set_column"),
    ),
}


def main() -> None:
    """Run the scopes that are asked for and print a line for each; exit with status 1 where one fails."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("scopes", nargs="*", metavar="SCOPE", help=f"of {', '.join(SCOPES)}; default: all")
    try:
        scopes = choose_scopes(parser.parse_args().scopes)
        results = [run_scope(name, scope) for name, scope in scopes.items()]
    except MutantsError as error:
        sys.exit(f"make mutants failed: {error}")
    if not all(results):
        sys.exit("make mutants failed")


def choose_scopes(asked: Iterable[str]) -> dict[str, Scope]:
    """Return the scopes by name; a file of a scope is a scope with that file alone. None asked: all."""
    chosen = {}
    for path in [name.rstrip("/") for name in asked] or SCOPES:
        name = next((name for name in SCOPES if path == name or path.startswith(f"{name}/")), None)
        if name is None:
            raise MutantsError(f"{path} is in none of the scopes {', '.join(SCOPES)}")
        chosen[path] = SCOPES[name] if path == name else replace(SCOPES[name], files=(path,))
    return chosen


def run_scope(name: str, scope: Scope) -> bool:
    """Make the mutants of a scope and report them; return whether nothing is wrong."""
    folder = WORK / name.replace("/", "-")
    run_mutmut(folder, scope)
    statuses = read_statuses(folder, scope)
    survivors = Counter(describe(folder, mutant) for mutant, status in statuses.items() if status not in KILLED)
    files = {str(path.relative_to(folder)) for path in matching(folder, scope)}
    return report(name, len(statuses), survivors, Counter(entry for entry in read_survivors() if entry.file in files))


def report(name: str, made: int, survivors: Counter[Survivor], entries: Counter[Survivor]) -> bool:
    """Print how many mutants of a scope the tests killed and what is wrong; return whether nothing is."""
    if not made:
        print(f"{name}: FAILED, no mutants were made", flush=True)
        return False
    unlisted, gone = survivors - entries, entries - survivors
    for problem, mutants in (("survives and is not listed", unlisted), ("is listed and does not survive", gone)):
        for mutant in mutants.elements():
            print(f"{problem}:\n{mutant.file}: {mutant.function}\n{mutant.change}\n", flush=True)
    killed = made - survivors.total()
    is_good = killed >= MIN_KILLED * made and not unlisted and not gone
    print(
        f"{name}: {'ok' if is_good else 'FAILED'}, {killed} of {made} mutants killed"
        f" ({killed / made:.1%}, {MIN_KILLED:.0%} needed), {survivors.total()} survived:"
        f" {unlisted.total()} not listed; {gone.total()} listed that did not survive",
        flush=True,
    )
    return is_good


def matching(folder: Path, scope: Scope) -> list[Path]:
    return sorted({path for pattern in scope.files for path in folder.glob(pattern)})


def run_mutmut(folder: Path, scope: Scope) -> None:
    """Run mutmut over a new copy of the checkout; raise MutantsError with the end of its output where it fails."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    shutil.copy(ROOT / "tests" / "mutants_conftest.py", folder / "conftest.py")
    for name in (".env.example", ".python-version"):
        shutil.copy(ROOT / name, folder)
    source = sorted({pattern.partition("/")[0] for pattern in scope.files})
    options = {
        "source_paths": source,
        "only_mutate": scope.files,
        "also_copy": [path.name for path in folder.iterdir() if path.name not in source],
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-p", "no:randomly"],
        "pytest_add_cli_args_test_selection": [*scope.tests, *(f"--deselect={test}" for test in scope.left_out)],
    }
    with open(folder / "pyproject.toml", "a") as project:
        project.write("\n[tool.mutmut]\n")
        project.writelines(f"{name} = {json.dumps(value)}\n" for name, value in options.items())
    with open(folder / "log", "w+") as log:
        command = [sys.executable, "-m", "mutmut", "run", f"--max-children={os.cpu_count()}", *patterns(scope)]
        result = subprocess.run(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, check=False)
        log.seek(0)
        if result.returncode:
            raise MutantsError("mutmut ended with:\n" + "".join(log.readlines()[-30:]))


def patterns(scope: Scope) -> list[str]:
    """Return the names of a scope's mutants as mutmut takes them: none for all."""
    return [f"*.x_{function}__mutmut_*" for function in scope.functions]


def read_statuses(folder: Path, scope: Scope) -> dict[str, str]:
    """Return mutmut's status of each mutant of a scope: "killed", "survived", "no tests", "timeout" or another."""
    from mutmut.stats import status_by_exit_code  # installed by `make mutants`

    statuses = {}
    for path in matching(folder, scope):
        results = folder / "mutants" / f"{path.relative_to(folder)}.meta"
        for mutant, code in json.loads(results.read_text())["exit_code_by_key"].items():
            if not scope.functions or any(f".x_{function}__mutmut_" in mutant for function in scope.functions):
                statuses[mutant] = status_by_exit_code[code]
    return statuses


def describe(folder: Path, mutant: str) -> Survivor:
    """Return the file, the function and the changed lines of a mutant, by mutmut's name of it."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant  # installed by `make mutants`

    module, _, mangled = mutant.rpartition("__mutmut_")[0].rpartition(".x")  # .x_function or .xǁClassǁmethod
    file = f"{module.replace('.', '/')}.py"
    with contextlib.chdir(folder):
        difference = get_diff_for_mutant(mutant, path=file).splitlines()[2:]
    changed = [f"{line[0]} {line[1:].strip()}" for line in difference if line[0] in "-+"]
    return Survivor(file, mangled[1:].replace("ǁ", "."), "\n".join(changed))


def read_survivors() -> dict[Survivor, str]:
    """Return the reason of each entry of the list; raise MutantsError where an entry is not complete."""
    reasons = {}
    for entry in filter(None, SURVIVORS.read_text().strip().split("\n\n")):
        head, *lines = entry.splitlines()
        file, _, function = head.partition(": ")
        change = [line for line in lines if line.startswith(("- ", "+ "))]
        reason = " ".join(line for line in lines if line not in change)
        if not (function and change and reason):
            raise MutantsError(f"an entry of {SURVIVORS.name} lacks its function, its change or its reason:\n{entry}")
        reasons[Survivor(file, function, "\n".join(change))] = reason
    if len(reasons) > MAX_SURVIVORS:
        raise MutantsError(f"{SURVIVORS.name} has {len(reasons)} entries, and {MAX_SURVIVORS} is the limit")
    return reasons


if __name__ == "__main__":
    main()
