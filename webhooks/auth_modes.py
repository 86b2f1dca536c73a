"""The contract of the authentication modes, and their registry.

A mode is one module in webhooks.auth. Providers, models, rejections and the admin know this contract only, so that a
new mode changes none of them. From bottom to top, the packages are: this module, providers, models, rejections, auth,
receiving, onboarding, admin; the types of the higher ones are imported for annotations alone.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from django.utils import timezone
from django.utils.functional import Promise

from console.registry import Extension, Registry
from webhooks.messages import TranslatableMessage

if TYPE_CHECKING:
    from webhooks.auth.access_tokens import LiveToken
    from webhooks.auth.live_sources import LiveSource
    from webhooks.models import AccessToken, Source
    from webhooks.providers.base import Provider
    from webhooks.providers.signatures import Signature
    from webhooks.receiving.inbound import InboundRequest
    from webhooks.rejections.known_secrets import KnownSecrets
    from webhooks.rejections.reasons import RequestRejected

DEFAULT_AUTH_MODE = "signature"


@dataclass(frozen=True)
class AuthConfig:
    """An authentication mode with the settings that a source has for it."""

    mode: str  # the slug of an AuthMode
    header: str = ""  # "" for the mode's default
    prefix: str = ""  # before a token
    ends_at: datetime | None = None

    def is_live(self) -> bool:
        return self.ends_at is None or self.ends_at > timezone.now()

    def __str__(self) -> str:
        setting = ": ".join(filter(None, [self.header, self.prefix]))
        label = get_auth_mode(self.mode).label
        return f"{label} ({setting})" if setting else str(label)


@dataclass(frozen=True)
class Verification:
    """The result of a successful verification, which is stored with the event."""

    mode: str  # the slug of an AuthMode
    signed_content: str  # a label, marked with gettext_noop
    secret_id: int
    token: "LiveToken | None" = None

    @property
    def access_token_id(self) -> int | None:
        return self.token.id if self.token else None


@dataclass(frozen=True)
class Fact:
    """One line of what an integration admin gives to a provider; never a secret."""

    name: str
    value: str
    is_code: bool = True  # shown as code, to be copied exactly


@dataclass(frozen=True)
class StoredRequest:
    """What the database has of an earlier request: its credentials only as fingerprints (webhooks.redaction)."""

    headers: Mapping[str, str]  # by their names in lower case
    body: bytes
    is_whole: bool  # whether `body` is complete
    received_at: datetime
    access_token: "AccessToken | None"


class Outcome(Enum):
    """Whether a stored request would be accepted."""

    PASSES = "passes"
    FAILS = "fails"
    UNKNOWN = "unknown"  # too little of the request is stored

    @classmethod
    def of(cls, passes: bool) -> "Outcome":
        return cls.PASSES if passes else cls.FAILS


class AuthMode(Extension, ABC):
    """One way in which the requests of a source authenticate.

    A subclass is stateless, is registered with `@AUTH_MODES.register`, and fails closed: `verify` returns a
    Verification only where a live secret of this source matches, compared in constant time, and raises a
    RequestRejected in every other case. No method returns or raises a text that contains a secret or a valid signature,
    `sign` excepted.
    """

    slug: ClassVar[str]  # stored in the database
    label: ClassVar[str | Promise]
    carries_token: ClassVar[bool] = False  # whether each request carries the same kind of token, whatever its body
    issues_tokens: ClassVar[bool] = False  # whether that token is an access token of the source's token endpoint
    settings: ClassVar[tuple[str, ...]] = ()  # the fields of Source that matter to this mode only
    # The likely cause where a source of another mode receives this mode's {header}; marked with gettext_noop.
    unexpected_header: ClassVar[str]

    @abstractmethod
    def header_names(self, provider: "Provider", config: AuthConfig) -> list[str]:
        """Return the headers that contain the credentials; what they contain is never stored."""

    @abstractmethod
    def verify(self, source: "LiveSource", config: AuthConfig, inbound: "InboundRequest") -> Verification:
        """Return how the request authenticates.

        Raises MissingCredentials where no header has any, InvalidCredentials where they match no live secret,
        ExpiredSignature, BodyNotJSON, MissingSignedField, or TemporarilyUnavailable where a secret that might match
        cannot be decrypted.
        """

    @abstractmethod
    def sign(self, source: "Source", credential: str, body: bytes) -> dict[str, str]:
        """Return the headers with which a provider sends `body`.

        `credential` is a secret of the source or, of a mode that issues tokens, an access token.
        """

    @abstractmethod
    def handover(self, source: "Source") -> Iterator[Fact]:
        """Yield what the provider has to know in order to authenticate, in the active language."""

    @abstractmethod
    def requirements(self, source: "Source", config: AuthConfig) -> Iterator[str]:
        """Yield sentences, in the active language, that say what a valid request contains."""

    @abstractmethod
    def diagnose(
        self,
        source: "LiveSource",
        config: AuthConfig,
        inbound: "InboundRequest",
        reason: "RequestRejected",
        secrets: "KnownSecrets",
    ) -> TranslatableMessage:
        """Return why the credentials of the request were rejected, or the empty message where that is not known."""

    @abstractmethod
    def would_pass(self, source: "Source", secrets: Sequence[str], stored: StoredRequest) -> Outcome:
        """Return whether a source with these settings, saved or not, and these secrets would accept the request."""

    def find_signature(self, provider: "Provider", signed_content: str) -> "Signature | None":
        """Return the provider's signature that verified an event with this signed content, if this mode uses one."""
        return None

    def clean(self, source: "Source") -> None:
        """Raise ValidationError where the source's settings for this mode contradict each other."""


AUTH_MODES: Registry[AuthMode] = Registry()


def find_auth_mode(slug: str) -> AuthMode | None:
    """Return the mode with this slug, or None: stored events may have one that does not exist any more."""
    return next((mode for mode in AUTH_MODES if mode.slug == slug), None)


def get_auth_mode(slug: str) -> AuthMode:
    """Return the mode with this slug; raise LookupError where there is none."""
    mode = find_auth_mode(slug)
    if mode is None:
        raise LookupError(f"There is no authentication mode {slug}.")
    return mode


def get_auth_mode_choices() -> list[tuple[str, str | Promise]]:
    """Return the choices of the models' fields: a callable, so that a new mode needs no migration."""
    return [(mode.slug, mode.label) for mode in AUTH_MODES]
