"""The signature scheme of a provider: the header, the algorithm, the messages that may be signed, and their comparison.

Providers declare a Signature; webhooks.auth.signature verifies requests with it.
"""

import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from webhooks.fingerprints import fingerprint
from webhooks.payloads import parsing

# Returns the messages that may have been signed: of the body, the payload (None where the body is not JSON), and the
# other parts of the signature's header, such as a timestamp.
Messages = Callable[[bytes, Any, Mapping[str, str]], Iterable[bytes]]
Parts = Mapping[str, str]


def raw_body(body: bytes, payload: Any, parts: Parts) -> Iterator[bytes]:
    """Yield the body: what most providers sign."""
    yield body


@dataclass(frozen=True)
class Fields:
    """The messages of a provider that joins fields of the header and the payload with `&`, as they are written."""

    names: tuple[str, ...]
    absent: tuple[str, ...] = ()

    def __call__(self, body: bytes, payload: Any, parts: Parts) -> Iterator[bytes]:
        """Yield each message; raise parsing.MissingFieldError where a field is missing or is not text."""
        values = [parts.get(name) or parsing.at(payload, name) for name in self.names]
        for name, value in zip(self.names, values, strict=True):
            if not (isinstance(value, str) or (value is None and self.absent)):
                raise parsing.MissingFieldError(
                    f"The signature is made of {', '.join(self.names)}; {name} is missing or is not text."
                )
        for spelling in self.absent or ("",):
            # Node writes a lone surrogate as U+FFFD when it hashes a string.
            yield parsing.as_node_encodes("&".join(spelling if value is None else value for value in values))


def fields(*names: str, absent: tuple[str, ...] = ()) -> Messages:
    """Return the `messages` of a Signature over these fields.

    `absent` lists the spellings of a field that is missing; without any, a missing field is an error.
    """
    return Fields(names, absent)


@dataclass(frozen=True, kw_only=True)
class Signature:
    """An HMAC in a header, in hexadecimal."""

    header: str
    algorithm: str  # its name in hashlib
    signed_content: str  # a label, marked with gettext_noop
    messages: Messages = raw_body
    # The form of the header's value: {hex} is the digest, {timestamp} (seconds or milliseconds since 1970, or ISO 8601)
    # a time that the source's tolerance limits.
    value: str = "{hex}"
    kinds: tuple[str, ...] | None = None  # of events (EventType.kind) that it is valid for; None: all

    def header_name(self, header: str) -> str:
        """Return the header that contains it, for a source with this header of its own, "" for none."""
        return header or self.header

    @property
    def of_fields(self) -> bool:
        """Whether it covers fields of the payload: it cannot verify a body that is not JSON."""
        return isinstance(self.messages, Fields)

    @property
    def signed_fields(self) -> tuple[str, ...]:
        """The fields that it joins, empty where it covers the whole body."""
        return self.messages.names if isinstance(self.messages, Fields) else ()

    @property
    def signed_paths(self) -> list[str]:
        """The paths in the payload that it covers, empty where it covers the whole body."""
        return [name for name in self.signed_fields if f"{{{name}}}" not in self.value]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        pattern = re.escape(self.value).replace(",", r"\s*,\s*").replace(r"\{hex\}", "(?P<hex>[0-9a-fA-F]+)")
        return re.compile(pattern.replace(r"\{timestamp\}", "(?P<timestamp>[0-9A-Za-z:.+-]{1,40})"))

    @cached_property
    def _redacted_pattern(self) -> re.Pattern[str]:
        pattern = re.escape(self.value).replace(r"\{hex\}", r"\[removed (?P<fingerprint>[0-9a-f]{12})\]")
        return re.compile(pattern.replace(r"\{timestamp\}", "(?P<timestamp>.{1,40})"))

    def parts(self, value: str) -> Parts | None:
        """Return the parts of a header's value: `hex` and, if any, `timestamp`; None where it has another form."""
        match = self._pattern.fullmatch(value.strip())
        return match and match.groupdict()

    def redacted(self, value: str, removed: str) -> str | None:
        """Return a header's value with `removed`, formatted with the digest's fingerprint, in place of the digest."""
        parts = self.parts(value)
        if parts is None:
            return None
        return self.value.format_map({**parts, "hex": removed.format(fingerprint(parts["hex"].lower()))})

    def redacted_parts(self, value: str) -> Parts | None:
        """Return the parts of a stored header's value: `fingerprint` and, if any, `timestamp`; else None.

        They match() what the original matched, and must never be taken from a request: anyone can write a fingerprint.
        """
        match = self._redacted_pattern.fullmatch(value)
        return match and match.groupdict()

    def match[Owner](
        self, parts: Parts, secrets: Sequence[tuple[Owner, str]], body: bytes, parsed: parsing.Parsed
    ) -> Owner | None:
        """Return the owner of the secret that the signature with these parts was made with, or None.

        An empty secret matches nothing. Digests are compared in constant time. Raises parsing.MissingFieldError where
        the payload lacks a signed field.
        """
        if self.of_fields and parsed.problem:
            return None
        for message in self.messages(body, parsed.payload, parts):
            for owner, secret in secrets:
                if secret and _is_same_digest(self.hex(secret, message), parts):
                    return owner
        return None

    def sign(self, secret: str, body: bytes, timestamp: str = "") -> str:
        """Return the header's value that the provider sends with `body`."""
        message = next(iter(self.messages(body, parsing.parse_json(body), {"timestamp": timestamp})))
        return self.value.format(hex=self.hex(secret, message), timestamp=timestamp)

    def hex(self, secret: str, message: bytes) -> str:
        """Return the HMAC of a message, in hexadecimal."""
        return hmac.new(parsing.as_node_encodes(secret), message, self.algorithm).hexdigest()


def _is_same_digest(digest: str, parts: Parts) -> bool:
    if "hex" in parts:
        return hmac.compare_digest(digest, parts["hex"].lower())
    return hmac.compare_digest(fingerprint(digest), parts["fingerprint"])
