"""How a source hands out tokens, where it proves its requests with a dynamic one."""

import copy
import re

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from webhooks.payloads import parsing

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
header_name = RegexValidator(rf"^{_HEADER_NAME.pattern}$", "This is no name of an HTTP header (RFC 9110).")
_dotted = RegexValidator(r"^[^.\s]+(\.[^.\s]+)*$", "Write the names of keys with dots between them, as in data.token.")


class Format(models.TextChoices):
    """By the media type of the body."""

    URLENCODED = "application/x-www-form-urlencoded", "urlencoded"
    JSON = "application/json", "JSON"
    FORM_DATA = "multipart/form-data", "form-data"


def _every_format():
    return list(Format.values)


def _bearer():
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
    """What the endpoint asks for, and what it answers: `POST /webhooks/<slug>/token/`, which InstaLeap calls RenewURL.

    Left as it is, it is RFC 6749's client credentials grant (section 4.4), which every OAuth 2 client speaks.
    """

    class Place(models.TextChoices):
        OAUTH = "oauth", "HTTP Basic, or fields of the body (as OAuth 2 has it)"
        BASIC = "basic", "HTTP Basic"
        BODY = "body", "Fields of the body"
        HEADERS = "headers", "Headers"
        ANYWHERE = "anywhere", "Headers or fields of the body, each where it is found"

    credentials_in = models.CharField(
        "credentials come in", max_length=8, choices=Place, default=Place.OAUTH, help_text="Where they are expected."
    )
    client_id = models.CharField(
        "client id",
        max_length=200,
        blank=True,
        help_text="What the provider calls itself; its secret is the source's. Empty: the source's slug with HTTP"
        " Basic and OAuth 2, else the secret alone is asked for.",
    )
    client_id_name = models.CharField(
        "name of the client id",
        max_length=100,
        default="client_id",
        validators=[_dotted],
        help_text="Of the field or header that brings it; dots lead into JSON.",
    )
    client_secret_name = models.CharField(
        "name of the client secret", max_length=100, default="client_secret", validators=[_dotted]
    )
    grant_type = models.CharField(
        max_length=100, blank=True, default="client_credentials", help_text="Empty: none is asked for."
    )
    token_formats = ArrayField(
        models.CharField(max_length=40, choices=Format),
        verbose_name="the body may be",
        default=_every_format,
    )
    token_status = models.PositiveSmallIntegerField(
        "status of the answer", default=200, validators=[MinValueValidator(200), MaxValueValidator(299)]
    )
    token_field = models.CharField(
        "field of the token",
        max_length=100,
        default="access_token",
        validators=[_dotted],
        help_text="Where the answer has the token; dots lead into objects, as in data.token.",
    )
    lifetime_field = models.CharField(
        "field of the lifetime",
        max_length=100,
        blank=True,
        default="expires_in",
        validators=[_dotted],
        help_text="Where the answer says how many seconds the token lives. Empty: it does not.",
    )
    token_lifetime = models.PositiveIntegerField(
        "lifetime",
        default=3600,
        validators=[MinValueValidator(60), MaxValueValidator(365 * 24 * 3600)],
        help_text="Seconds, from 60 to a year.",
    )
    fixed_fields = models.JSONField(
        "what else the answer holds", default=_bearer, blank=True, help_text="A JSON object, the same in each answer."
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
            raise ValidationError({"client_secret_name": "Both cannot have the same name."})
        if ":" in self.client_id and self.credentials_in in (self.Place.OAUTH, self.Place.BASIC):
            raise ValidationError({"client_id": "HTTP Basic knows no client id with a colon in it (RFC 7617)."})
        self.fixed_fields = {} if self.fixed_fields in (None, "") else self.fixed_fields
        if not isinstance(self.fixed_fields, dict):
            raise ValidationError({"fixed_fields": 'Write a JSON object, as in {"token_type": "Bearer"}.'})
        try:
            self.token_answer("token")
        except ValueError as error:
            raise ValidationError({"fixed_fields": str(error)}) from None

    def token_answer(self, token: str) -> dict:
        """Return the body of the answer; raise ValueError where two of its fields want the same place."""
        answer = copy.deepcopy(self.fixed_fields)
        parsing.put(answer, self.token_field, token)
        if self.lifetime_field:
            parsing.put(answer, self.lifetime_field, self.token_lifetime)
        return answer
