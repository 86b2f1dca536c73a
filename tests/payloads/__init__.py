"""The payloads in this folder, and the signatures that each provider's own recipe made of them under Node."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent
INSTALEAP = FOLDER / "instaleap"
SECRET = "tests-only-secret-ñ-€"  # of every signatures.txt


def _signatures(folder: Path) -> dict[str, tuple[str, str]]:
    lines = (folder / "signatures.txt").read_text().splitlines()
    return {
        name: (header, value)
        for line in lines
        if not line.startswith("#")
        for name, header, value in [line.split("\t")]
    }


# By provider and file: the header's name and value.
SIGNED = {file.parent.name: _signatures(file.parent) for file in sorted(FOLDER.glob("*/signatures.txt"))}
# Those of InstaLeap's job events.
SIGNATURES = {name: signed for name, signed in SIGNED["instaleap"].items() if signed[0] == "InstaLeap-Signature"}
LIVES = ["life-cancelled", "life-full-service", "life-pick-and-delivery-with-storage"]
SAMPLE = "job-documented-sample.json"


def body(name: str, provider: str = "instaleap") -> bytes:
    return (FOLDER / provider / name).read_bytes()


def load(name: str, provider: str = "instaleap") -> dict:
    return json.loads(body(name, provider))


def life(folder: str) -> list[str]:
    """Return the names of a life's payloads, in the order in which they happened."""
    return sorted(name for name in SIGNATURES if name.startswith(f"{folder}/"))


def sample(**changes) -> dict:
    """Return the documented sample with some of its keys, or its job's (`job={...}`), changed."""
    payload = load(SAMPLE)
    payload["job"] |= changes.pop("job", {})
    return payload | changes


def dump(payload) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
