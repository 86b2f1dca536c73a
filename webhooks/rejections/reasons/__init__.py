"""The reasons for which requests are rejected: one class each, found by its code."""

from webhooks.links import Link
from webhooks.models import Rejection, Source
from webhooks.rejections.reasons.base import Remedy, RequestRejected
from webhooks.rejections.reasons.credentials import InvalidCredentials, MissingCredentials
from webhooks.rejections.reasons.envelope import BodyIncomplete, BodyTooLarge, MethodNotAllowed, TemporarilyUnavailable
from webhooks.rejections.reasons.network import NetworkNotAllowed
from webhooks.rejections.reasons.signature import BodyNotJSON, ExpiredSignature, MissingSignedField
from webhooks.rejections.reasons.source import SourceDisabled, UnknownSource
from webhooks.rejections.reasons.token import (
    InvalidClient,
    InvalidRequest,
    TokensNotOffered,
    TooManyRequests,
    UnsupportedGrantType,
)

__all__ = [
    "BodyIncomplete",
    "BodyNotJSON",
    "BodyTooLarge",
    "ExpiredSignature",
    "InvalidClient",
    "InvalidCredentials",
    "InvalidRequest",
    "MethodNotAllowed",
    "MissingCredentials",
    "MissingSignedField",
    "NetworkNotAllowed",
    "RequestRejected",
    "SourceDisabled",
    "TemporarilyUnavailable",
    "TokensNotOffered",
    "TooManyRequests",
    "UnknownSource",
    "UnsupportedGrantType",
    "all_reasons",
    "find_remedy",
    "get_reason_label",
]


def all_reasons() -> dict[str, type[RequestRejected]]:
    """Return the subclasses of RequestRejected that have a code, by that code."""
    return {reason.code: reason for reason in _subclasses(RequestRejected) if "code" in vars(reason)}


def get_reason_label(code: str) -> str:
    """Return the label of a reason; of one that no longer exists, its code."""
    reason = all_reasons().get(code)
    return str(reason.label) if reason else code


def find_remedy(rejection: Rejection) -> Remedy:
    """Return what a request such as this has to be, and where to change it if the sender is not at fault."""
    reason = all_reasons().get(rejection.code)
    # A request that is rejected before its source is looked up is known by its address.
    source = rejection.source or Source.objects.filter(slug=rejection.slug).first()
    if reason is None:
        return Remedy([], [])
    parts = list(reason.remedy(source) if source else reason.remedy_without_source(rejection.slug))
    return Remedy([part for part in parts if isinstance(part, str)], [part for part in parts if isinstance(part, Link)])


def _subclasses(reason: type[RequestRejected]) -> list[type[RequestRejected]]:
    return [found for child in reason.__subclasses__() for found in (child, *_subclasses(child))]
