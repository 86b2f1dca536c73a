"""The payloads in `payloads/`, and the signatures that the provider's own recipe made of them."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent / "payloads"
INSTALEAP = FOLDER / "instaleap"
SECRET = "tests-only-secret-ñ-€"  # of signatures.txt

SIGNATURES = {
    name: (header, value)
    for line in (INSTALEAP / "signatures.txt").read_text().splitlines()
    if not line.startswith("#")
    for name, header, value in [line.split("\t")]
}
LIVES = ["life-cancelled", "life-full-service", "life-pick-and-delivery-with-storage"]
SAMPLE = "job-documented-sample.json"


def body(name: str) -> bytes:
    return (INSTALEAP / name).read_bytes()


def load(name: str) -> dict:
    return json.loads(body(name))


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
