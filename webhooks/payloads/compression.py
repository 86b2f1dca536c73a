"""Compression of stored bodies: Zstandard with a dictionary of documented samples, which halves their size again."""

from functools import cache
from pathlib import Path
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression

try:
    from compression import zstd
except ImportError:  # Python 3.13 and before
    from backports import zstd

# A compressed body begins with the number of its dictionary. Stored bodies need their dictionary indefinitely: never
# change one, add the next.
NEWEST = 1
_LEVEL = 3


@cache
def _dictionary(number: int) -> zstd.ZstdDict:
    text = (Path(__file__).parent / "dictionaries" / f"{number}.jsonl").read_bytes()
    return zstd.ZstdDict(text, is_raw=True)


def compressed(body: bytes) -> bytes:
    """Return the compressed body, as the database stores it; of an empty body (a purged one) the empty bytes."""
    if not body:
        return b""
    compressed_body: bytes = zstd.compress(body, _LEVEL, zstd_dict=_dictionary(NEWEST).as_digested_dict)
    return bytes([NEWEST]) + compressed_body


def restored(stored: bytes) -> bytes:
    """Return the original body; raise zstd.ZstdError where `stored` is damaged."""
    if not stored:
        return b""
    body: bytes = zstd.decompress(memoryview(stored)[1:], zstd_dict=_dictionary(stored[0]))
    return body


class BodyField(models.BinaryField):  # type: ignore[type-arg]  # only the stub is generic
    """A column for a body, which the database stores compressed."""

    def from_db_value(
        self, value: bytes | memoryview | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> bytes | None:
        return None if value is None else restored(bytes(value))

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        value = None if value is None else compressed(bytes(value))
        return super().get_db_prep_value(value, connection, prepared)
