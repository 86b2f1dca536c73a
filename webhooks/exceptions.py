"""Why a request is refused. A class's docstring is its message; whoever posts reads it, so it tells nothing secret."""


class RequestRejected(Exception):
    """The request was refused."""

    status = 400  # of HTTP
    code = "refused"
    headers: dict[str, str] = {}

    def __init__(self, message: str | None = None, headers: dict[str, str] | None = None):
        super().__init__(message or type(self).__doc__)
        self.headers = headers or self.headers


class UnknownSource(RequestRejected):
    """No source has this address; compare the URL with the one on the source's page."""

    status = 404
    code = "unknown_source"


class SourceDisabled(RequestRejected):
    """This source is disabled and takes no events; an integration admin can enable it on its page."""

    status = 403
    code = "source_disabled"


class TokensNotOffered(RequestRejected):
    """This source does not give out tokens; only one whose authentication is a dynamic token does."""

    status = 404
    code = "no_tokens"


class MethodNotAllowed(RequestRejected):
    """Events are sent with POST."""

    status = 405
    code = "method_not_allowed"
    headers = {"Allow": "POST"}


class BodyTooLarge(RequestRejected):
    status = 413
    code = "too_large"


class BodyNotJSON(RequestRejected):
    code = "not_json"


class MissingSignedField(RequestRejected):
    """The payload lacks a field that the signature is made of."""

    code = "no_envelope"


class MissingCredentials(RequestRejected):
    """What proves where a request comes from is missing."""

    status = 401
    code = "no_proof"


class InvalidCredentials(RequestRejected):
    """The signature fits none of this source's secrets, or is not of the form that its provider sends."""

    status = 401
    code = "wrong_proof"


class ExpiredSignature(RequestRejected):
    """The signature is too old, or from the future."""

    status = 401
    code = "stale_proof"


class NetworkNotAllowed(RequestRejected):
    """This source takes requests from its allowed networks only."""

    status = 403
    code = "wrong_network"


class TemporarilyUnavailable(RequestRejected):
    """The event could not be stored just now; please send it again."""

    status = 503
    code = "unavailable"
    headers = {"Retry-After": "5"}  # seconds


class InvalidRequest(RequestRejected):
    """The names of this and the next two are those of RFC 6749, section 5.2."""

    code = "invalid_request"


class InvalidClient(RequestRejected):
    """The client is unknown, or its secret is wrong."""

    status = 401
    code = "invalid_client"

    def __init__(self, message=None, headers=None, given: list[tuple[bytes, bytes]] = ()):
        super().__init__(message, headers)
        self.given = given  # client ids and secrets, for webhooks.rejections.explanations; never kept


class UnsupportedGrantType(RequestRejected):
    code = "unsupported_grant_type"


class TooManyRequests(RequestRejected):
    status = 429
    code = "too_many_requests"
