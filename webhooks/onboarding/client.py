"""A client that sends events to a source's URL over HTTP, with the credentials that its provider would send."""

import json
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.utils.translation import gettext as _

from webhooks import encryption
from webhooks.models import Source
from webhooks.models.token_endpoint import TokenRequestFormat
from webhooks.payloads import parsing

_TIMEOUT = 30  # seconds


class CannotSendError(Exception):
    """Raised where an event cannot be sent; the message contains nothing secret."""


class Sender:
    def __init__(self, source: Source, url: str, session: requests.Session) -> None:
        """`url` is the server's, without a slash at its end; raises CannotSendError where no secret can be used."""
        self.source, self.url, self.session = source, url, session
        self._secret = _live_secret(source)
        self._token: str | None = None

    def send(self, payload: Any) -> requests.Response:
        """Return the server's answer; raises CannotSendError where there is none."""
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json"}
        url = self.url + self.source.get_webhook_path()
        answer = self._post(url, body, headers | self._sign(body))
        if answer.status_code == 401 and self._token:  # it has expired: ask for another, as providers do
            self._token = None
            answer = self._post(url, body, headers | self._sign(body))
        return answer

    def _sign(self, body: bytes) -> dict[str, str]:
        mode = self.source.get_auth_mode()
        if not mode.issues_tokens:
            return mode.sign(self.source, self._secret, body)
        self._token = self._token or self.get_token()
        return mode.sign(self.source, self._token, body)

    def get_token(self) -> str:
        """Request an access token in the form of the source's settings."""
        request = token_request(self.source, self._secret)
        answer = self._post(self.url + self.source.get_token_path(), request.pop("data", None), **request)
        if answer.status_code != self.source.token_status:
            raise CannotSendError(
                _("The token endpoint answered {status}: {text}").format(
                    status=answer.status_code, text=answer.text[:500]
                )
            )
        token: str = parsing.at(answer.json(), self.source.token_field)
        return token

    def _post(self, url: str, data: Any, headers: dict[str, str] | None = None, **options: Any) -> requests.Response:
        try:
            return self.session.post(url, data, headers=headers, timeout=_TIMEOUT, allow_redirects=False, **options)
        except requests.RequestException as error:
            raise CannotSendError(
                _("Nothing answers at {url} ({error}); is the server running?").format(
                    url=url, error=type(error).__name__
                )
            ) from None


def token_request(source: Source, secret: str) -> dict[str, Any]:
    """Return what requests.post needs to ask for a token: headers, and data, json or files."""
    place, client_id = source.credentials_in, source.get_client_id()
    names = {source.client_id_name: client_id} if client_id else {}
    names[source.client_secret_name] = secret
    fields = {"grant_type": source.grant_type} if source.grant_type else {}
    request: dict[str, Any] = {}
    if place in (source.Place.OAUTH, source.Place.BASIC):
        request["auth"] = (client_id, secret)
    elif place == source.Place.HEADERS:
        request["headers"] = names
    else:
        fields |= names
    if not fields:
        return request
    formats = source.token_formats
    if TokenRequestFormat.URLENCODED in formats:
        return request | {"data": fields}
    if TokenRequestFormat.JSON in formats:
        return request | {"json": _nested(fields)}
    return request | {"files": {name: (None, value) for name, value in fields.items()}}


def _nested(fields: dict[str, str]) -> dict[str, Any]:
    """{"a.b": 1} as {"a": {"b": 1}}."""
    nested: dict[str, Any] = {}
    for path, value in fields.items():
        parsing.put(nested, path, value)
    return nested


def _live_secret(source: Source) -> str:
    secret = source.secrets.live().filter(auth_mode=source.auth_mode).first()
    if secret is None:
        raise CannotSendError(_("The source {slug} has no live secret; add one on its page.").format(slug=source.slug))
    try:
        return secret.value
    except encryption.UndecryptableError:
        raise CannotSendError(
            _("The secret of {slug} cannot be decrypted: its key is missing from ENCRYPTION_KEYS.").format(
                slug=source.slug
            )
        ) from None


def running_at() -> str:
    """Return where `make run` says that it runs, else BASE_URL."""
    address = Path(settings.DATA_DIR) / "address"
    return address.read_text().strip() if address.exists() else str(settings.BASE_URL)
