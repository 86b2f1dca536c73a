"""Why a request is refused. A class's docstring is its message; whoever posts reads it, so it tells nothing secret."""


class Refusal(Exception):
    """The request was refused."""

    status = 400  # of HTTP
    code = "refused"
    headers: dict[str, str] = {}

    def __init__(self, message: str | None = None, headers: dict[str, str] | None = None):
        super().__init__(message or type(self).__doc__)
        self.headers = headers or self.headers


class UnknownSource(Refusal):
    """No source has this address; compare the URL with the one on the source's page."""

    status = 404
    code = "unknown_source"


class SourceDisabled(Refusal):
    """This source is disabled and takes no events; an integration admin can enable it on its page."""

    status = 403
    code = "source_disabled"


class NoTokens(Refusal):
    """This source does not give out tokens; only one whose authentication is a dynamic token does."""

    status = 404
    code = "no_tokens"


class NotPost(Refusal):
    """Events are sent with POST."""

    status = 405
    code = "method_not_allowed"
    headers = {"Allow": "POST"}


class TooLarge(Refusal):
    status = 413
    code = "too_large"


class NotJSON(Refusal):
    code = "not_json"


class NoEnvelope(Refusal):
    """The payload lacks a field that the signature is made of."""

    code = "no_envelope"


class NoProof(Refusal):
    """What proves where a request comes from is missing."""

    status = 401
    code = "no_proof"


class WrongProof(Refusal):
    """The signature fits none of this source's secrets, or is not of the form that its provider sends."""

    status = 401
    code = "wrong_proof"


class StaleProof(Refusal):
    """The signature is too old, or from the future."""

    status = 401
    code = "stale_proof"


class WrongNetwork(Refusal):
    """This source takes requests from its allowed networks only."""

    status = 403
    code = "wrong_network"


class Unavailable(Refusal):
    """The event could not be stored just now; please send it again."""

    status = 503
    code = "unavailable"
    headers = {"Retry-After": "5"}  # seconds


class InvalidRequest(Refusal):
    """The names of this and the next two are those of RFC 6749, section 5.2."""

    code = "invalid_request"


class InvalidClient(Refusal):
    """The client is unknown, or its secret is wrong."""

    status = 401
    code = "invalid_client"

    def __init__(self, message=None, headers=None, given: list[tuple[bytes, bytes]] = ()):
        super().__init__(message, headers)
        self.given = given  # client ids and secrets, for webhooks.rejections.explanations; never kept


class UnsupportedGrantType(Refusal):
    code = "unsupported_grant_type"


class TooManyRequests(Refusal):
    status = 429
    code = "too_many_requests"
