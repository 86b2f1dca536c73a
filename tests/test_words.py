"""Words that no file uses, because a standard word says the same."""

import re
import subprocess

import pytest

from tests.running import ROOT

# In two parts, so that this file does not contain the words.
WORDS = [
    before + after
    for before, after in (
        ("to", "ld"),
        ("bes", "ide"),
        ("bes", "ides"),
        ("le", "af"),
        ("le", "aves"),
        ("sou", "ght"),
        ("an", "ew"),
        ("thr", "ice"),
        ("for", " ever"),
    )
]
OF_HYPOTHESIS = "max_" + "le" + "aves"  # an argument of strategies.recursive()
PATTERN = re.compile(rf"(?<![a-z])(?:{'|'.join(WORDS)})(?![a-z])", re.IGNORECASE)
FILES = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()


@pytest.mark.parametrize("path", [path for path in FILES if not path.startswith("tests/payloads/")])
def test_a_file_is_in_standard_words(path):
    assert not PATTERN.search(path)
    try:
        text = (ROOT / path).read_text()
    except (UnicodeDecodeError, FileNotFoundError):  # a picture, or a file that is being deleted
        return
    lines = text.replace(OF_HYPOTHESIS, "").splitlines()
    assert [line for line in lines if PATTERN.search(line)] == []
