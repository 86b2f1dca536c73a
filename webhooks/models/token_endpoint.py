"""The settings of a source's token endpoint."""

import copy
import re
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from webhooks.payloads import parsing

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
header_name = RegexValidator(rf"^{_HEADER_NAME.pattern}$", _("Enter a valid name of an HTTP header (RFC 9110)."))
_dotted = RegexValidator(
    r"^[^.\s]+(\.[^.\s]+)*$", _("Enter the names of keys with dots between them, as in data.token.")
)


class TokenRequestFormat(models.TextChoices):
    """By the media type of the body."""

    URLENCODED = "application/x-www-form-urlencoded", "urlencoded"
    JSON = "application/json", "JSON"
    FORM_DATA = "multipart/form-data", "form-data"


def _every_format() -> list[str]:
    return list(TokenRequestFormat.values)


def _bearer() -> dict[str, str]:
    return {"token_type": "Bearer"}


# The fields of TokenEndpoint, in the order of the form.
TOKEN_ENDPOINT_FIELDS = (
    "credentials_in",
    "client_id",
    "client_id_name",
    "client_secret_name",
    "grant_type",
    "token_formats",
    "token_status",
    "token_field",
    "lifetime_field",
    "token_lifetime",
    "fixed_fields",
)


class TokenEndpoint(models.Model):
    """The form of a token request and its answer: `POST /webhooks/<slug>/token/`, which InstaLeap calls RenewURL.

    By default it is RFC 6749's client credentials grant (section 4.4), which every OAuth 2 client speaks.
    """

    class Place(models.TextChoices):
        OAUTH = "oauth", _("HTTP Basic or fields of the body (OAuth 2)")
        BASIC = "basic", _("HTTP Basic")
        BODY = "body", _("Fields of the body")
        HEADERS = "headers", _("Headers")
        ANYWHERE = "anywhere", _("Headers or fields of the body")

    credentials_in = models.CharField(_("place of the credentials"), max_length=8, choices=Place, default=Place.OAUTH)
    client_id = models.CharField(
        _("client ID"),
        max_length=200,
        blank=True,
        help_text=_(
            "The name that the provider authenticates with, in addition to the source's secret. Empty: the end of the"
            " source's URL with HTTP Basic and OAuth 2; otherwise the secret alone is required."
        ),
    )
    client_id_name = models.CharField(
        _("name of the client ID"),
        max_length=100,
        default="client_id",
        validators=[_dotted],
        help_text=_("The name of its field or header; dots lead into objects of JSON."),
    )
    client_secret_name = models.CharField(
        _("name of the client secret"), max_length=100, default="client_secret", validators=[_dotted]
    )
    grant_type = models.CharField(
        _("grant type"),
        max_length=100,
        blank=True,
        default="client_credentials",
        help_text=_("Empty: none is required."),
    )
    token_formats = ArrayField(
        models.CharField(max_length=40, choices=TokenRequestFormat),
        verbose_name=_("formats of the request"),
        default=_every_format,
    )
    token_status = models.PositiveSmallIntegerField(
        _("status of the answer"), default=200, validators=[MinValueValidator(200), MaxValueValidator(299)]
    )
    token_field = models.CharField(
        _("field of the token"),
        max_length=100,
        default="access_token",
        validators=[_dotted],
        help_text=_("The field of the answer with the token; dots lead into objects, as in data.token."),
    )
    lifetime_field = models.CharField(
        _("field of the lifetime"),
        max_length=100,
        blank=True,
        default="expires_in",
        validators=[_dotted],
        help_text=_("The field of the answer with the lifetime in seconds. Empty: the answer has none."),
    )
    token_lifetime = models.PositiveIntegerField(
        _("lifetime"),
        default=3600,
        validators=[MinValueValidator(60), MaxValueValidator(365 * 24 * 3600)],
        help_text=_("Seconds, from 60 to those of a year."),
    )
    fixed_fields = models.JSONField(
        _("further fields of the answer"),
        default=_bearer,
        blank=True,
        help_text=_("A JSON object, the same in each answer."),
    )

    class Meta:
        abstract = True

    def clean_token_endpoint(self) -> None:
        """Raise ValidationError where its settings contradict each other."""
        if self.credentials_in in (self.Place.HEADERS, self.Place.ANYWHERE):
            for field in ("client_id_name", "client_secret_name"):
                if not _HEADER_NAME.fullmatch(getattr(self, field)):
                    raise ValidationError({field: header_name.message})
        if self.client_id_name == self.client_secret_name:
            raise ValidationError({"client_secret_name": _("Both cannot have the same name.")})
        if ":" in self.client_id and self.credentials_in in (self.Place.OAUTH, self.Place.BASIC):
            raise ValidationError({"client_id": _("With HTTP Basic, a client ID cannot contain a colon (RFC 7617).")})
        self.fixed_fields = {} if self.fixed_fields in (None, "") else self.fixed_fields
        if not isinstance(self.fixed_fields, dict):
            raise ValidationError({"fixed_fields": _('Enter a JSON object, as in {"token_type": "Bearer"}.')})
        try:
            self.token_answer("token")
        except ValueError as error:
            raise ValidationError({"fixed_fields": str(error)}) from None

    def token_answer(self, token: str) -> dict[str, Any]:
        """Return the body of the answer; raise ValueError where two of its fields have the same path."""
        answer: dict[str, Any] = copy.deepcopy(self.fixed_fields)
        parsing.put(answer, self.token_field, token)
        if self.lifetime_field:
            parsing.put(answer, self.lifetime_field, self.token_lifetime)
        return answer
