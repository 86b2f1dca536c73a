"""The form that adds or changes a source; it takes a secret and never shows one."""

import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from webhooks import providers
from webhooks.auth_modes import get_auth_mode
from webhooks.fingerprints import fingerprint
from webhooks.models import Secret, Source
from webhooks.models.token_endpoint import TOKEN_ENDPOINT_FIELDS, TokenRequestFormat

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

RETIREMENT_CHOICES: list[tuple[int | str, "StrOrPromise"]] = [
    (24, _("valid for another 24 hours")),
    (1, _("valid for another hour")),
    (168, _("valid for another 7 days")),
    ("", _("valid until revoked")),
    (0, _("revoked at once")),
]
# Invisible characters that are copied along with a secret, in addition to the whitespace that str.strip removes.
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"


class SecretField(forms.CharField):
    def clean(self, value: str | None) -> str:
        secret: str = super().clean((value or "").strip().strip(_INVISIBLE).strip())
        return secret


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at run time
    new_secret = SecretField(
        label=_("Add a secret"),
        required=False,
        max_length=1000,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "Paste the secret that the provider gave you. It is stored encrypted, is valid within a second, and is"
            " never shown again. Leave it empty to change nothing."
        ),
    )
    make_secret = forms.BooleanField(
        label=_("Generate a secret"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=_("Instead of pasting one: 256 random bits, shown once after saving, to copy."),
    )
    retire_after = forms.TypedChoiceField(
        label=_("Existing credentials"),
        choices=RETIREMENT_CHOICES,
        coerce=int,
        empty_value=None,
        required=False,
        initial=24,
        widget=UnfoldAdminSelectWidget,
        help_text=_(
            "With a new secret: the existing secrets. With another authentication, header or prefix: the previous one."
            " Both are accepted meanwhile, so that no event is lost while the provider changes over."
        ),
    )
    newest_secret = forms.IntegerField(label="", required=False, widget=forms.HiddenInput)
    token_formats = forms.MultipleChoiceField(
        label=_("Formats of the token request"),
        choices=TokenRequestFormat,
        initial=TokenRequestFormat.values,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = Source
        fields = [
            "name",
            "provider",
            "slug",
            "environment",
            "state",
            "auth_mode",
            "auth_header",
            "token_prefix",
            "signature_tolerance",
            "allowed_networks",
            "deep_link",
            "keep_bodies_days",
            "keep_events_days",
            *TOKEN_ENDPOINT_FIELDS,
        ]
        widgets = {
            "allowed_networks": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            "fixed_fields": UnfoldAdminTextInputWidget,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auth_before = self.instance.auth if self.instance.pk else None
        self.made = ""  # the generated secret
        # The secrets that saving has added and retired.
        self.added: Secret | None = None
        self.retired: list[Secret] = []
        if self.instance.pk:
            self.fields["newest_secret"].initial = _newest(self.instance)
            offered = self.instance.get_provider().auth_modes
            self._choice_field("auth_mode").choices = [(mode, get_auth_mode(mode).label) for mode in offered]
        else:
            self.fields["new_secret"].label = _("Secret")
            self.fields["new_secret"].help_text = _(
                "Paste the secret that the provider gave you. It is stored encrypted, and is never shown again."
            )
            del self.fields["retire_after"], self.fields["newest_secret"]
            self._choice_field("provider").choices = [("", _("Choose a provider")), *providers.get_provider_choices()]
            # console/console.js hides the authentication modes that the chosen provider does not offer.
            self.fields["provider"].widget.attrs["data-offers"] = "auth_mode"
            self.fields["auth_mode"].widget.attrs["data-offered-by"] = str(
                {slug: list(provider.auth_modes) for slug, provider in providers.registry().items()}
            ).replace("'", '"')

    def _choice_field(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        if not isinstance(field, forms.ChoiceField):
            raise TypeError(f"{name} has no choices")
        return field

    def clean_newest_secret(self) -> int | None:
        newest: int | None = self.cleaned_data["newest_secret"]
        if newest != _newest(self.instance):
            raise ValidationError("")
        return newest

    def clean(self) -> dict[str, Any]:
        super().clean()
        values = self.cleaned_data
        pasted, make = values.get("new_secret"), values.get("make_secret")
        if "newest_secret" in self.errors:
            del self.errors["newest_secret"]
            if pasted or make:
                self.add_error(
                    None,
                    _(
                        "A secret was added to this source since this page was opened (or the form was sent twice);"
                        " look at its secrets, and add another only if it is still needed."
                    ),
                )
        if pasted and self._exists(pasted, values.get("auth_mode")):
            self.add_error("new_secret", _("This source has this secret already; its fingerprint is listed above."))
        if pasted and make:
            self.add_error("make_secret", _("Either paste a secret or generate one."))
        elif "new_secret" not in self.errors and not pasted and not make and self._needs_secret(values):
            message = gettext("Paste or generate a secret for the authentication “{mode}”: every request needs one.")
            self.add_error("new_secret", message.format(mode=get_auth_mode(values["auth_mode"]).label))
        return values

    def _exists(self, pasted: str, mode: str | None) -> bool:
        source: Source = self.instance
        if not source.pk:
            return False
        return source.secrets.live().filter(fingerprint=fingerprint(pasted), auth_mode=mode).exists()

    def _needs_secret(self, values: dict[str, Any]) -> bool:
        source: Source = self.instance
        mode = values.get("auth_mode")
        if self.auth_before is None:
            return mode is not None
        is_other = mode is not None and mode != self.auth_before.mode
        return is_other and not source.secrets.live().filter(auth_mode=mode).exists()

    def get_secret(self) -> str:
        """Return the secret to add, generated if that was chosen; "" for none."""
        if self.cleaned_data["make_secret"]:
            self.made = self.made or secrets.token_urlsafe(32)
            return self.made
        return str(self.cleaned_data["new_secret"])

    def get_warning(self) -> str:
        """Return what may be wrong with the pasted secret, or ""."""
        if re.search(r"\s", self.cleaned_data["new_secret"]):
            return gettext(
                "The secret contains whitespace. It was stored as it is; if that is wrong, add the secret again without"
                " it."
            )
        return ""


def _newest(source: Source) -> int | None:
    return source.secrets.order_by("-id").values_list("id", flat=True).first()


def apply_retirement(secret: Secret, hours: int | None) -> None:
    """Give a secret the end that a form chose (RETIREMENT_CHOICES): in so many hours, at once for 0, never for None."""
    if hours is None:
        secret.reactivate()
    elif hours == 0:
        secret.revoke()
    else:
        secret.retire(timezone.now() + timedelta(hours=hours))
