"""The form in which a source is made and changed; a secret goes in, and never comes out."""

import re
import secrets
from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
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
from webhooks.models.token_endpoint import TOKEN_ENDPOINT_FIELDS, Format

RETIREMENT_CHOICES = [
    (24, "go on for 24 hours"),
    (1, "go on for an hour"),
    (168, "go on for 7 days"),
    ("", "go on until I revoke them"),
    (0, "stop at once"),
]
# Signs that show nothing and come along when one copies, beside the blanks that str.strip knows.
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"


class SecretField(forms.CharField):
    def clean(self, value):
        return super().clean((value or "").strip().strip(_INVISIBLE).strip())


class SourceForm(forms.ModelForm):
    new_secret = SecretField(
        label="Add a secret",
        required=False,
        max_length=1000,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="Paste the secret that the provider gave you. It is encrypted, works within a second, and is never"
        " shown again. Empty: nothing changes.",
    )
    make_secret = forms.BooleanField(
        label="Make a strong one",
        required=False,
        widget=UnfoldBooleanWidget,
        help_text="Instead of pasting: 256 random bits, shown once, after saving, to copy.",
    )
    retire_after = forms.TypedChoiceField(
        label="What works until now",
        choices=RETIREMENT_CHOICES,
        coerce=int,
        empty_value=None,
        required=False,
        initial=24,
        widget=UnfoldAdminSelectWidget,
        help_text="With a new secret, the old ones; with another authentication, header or prefix, the one until now."
        " Both work meanwhile, so that no event is lost while the provider changes over.",
    )
    newest_secret = forms.IntegerField(required=False, widget=forms.HiddenInput)
    token_formats = forms.MultipleChoiceField(
        label="The body may be",
        choices=Format,
        initial=Format.values,
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

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.auth_before = self.instance.auth if self.instance.pk else None
        self.made = ""  # a secret that was made here, to be shown once
        if self.instance.pk:
            self.fields["newest_secret"].initial = _newest(self.instance)
            offered = self.instance.get_provider().auth_modes
            self.fields["auth_mode"].choices = [(mode, get_auth_mode(mode).label) for mode in offered]
        else:
            self.fields["new_secret"].label = "Secret"
            self.fields["new_secret"].help_text = self.fields["new_secret"].help_text.partition(" Empty:")[0]
            del self.fields["retire_after"], self.fields["newest_secret"]
            self.fields["provider"].choices = [("", "Choose a provider"), *providers.choices()]
            # For console/console.js, which hides what the chosen provider does not offer.
            self.fields["provider"].widget.attrs["data-offers"] = "auth_mode"
            self.fields["auth_mode"].widget.attrs["data-offered-by"] = str(
                {slug: list(provider.auth_modes) for slug, provider in providers.registry().items()}
            ).replace("'", '"')

    def clean_newest_secret(self):
        if self.cleaned_data["newest_secret"] != _newest(self.instance):
            raise ValidationError("")
        return self.cleaned_data["newest_secret"]

    def clean(self):
        values = super().clean()
        pasted, make = values.get("new_secret"), values.get("make_secret")
        if "newest_secret" in self.errors:
            del self.errors["newest_secret"]
            if pasted or make:
                self.add_error(
                    None,
                    "A secret was added to this source since this page was opened (or the page was sent twice); look"
                    " at its secrets, and add another only if it is still needed.",
                )
        if pasted and self._is_there(pasted, values.get("auth_mode")):
            self.add_error("new_secret", "This source has this secret already; its fingerprint stands above.")
        if pasted and make:
            self.add_error("make_secret", "Either paste a secret or have one made.")
        elif "new_secret" not in self.errors and not pasted and not make and self._needs_secret(values):
            mode = str(get_auth_mode(values["auth_mode"]).label).lower()
            self.add_error(
                "new_secret",
                f"Paste the secret for this source's {mode}, or have one made: without one, nothing passes.",
            )
        return values

    def _is_there(self, pasted, mode):
        if not self.instance.pk:
            return False
        return self.instance.secrets.live().filter(fingerprint=fingerprint(pasted), auth_mode=mode).exists()

    def _needs_secret(self, values):
        mode = values.get("auth_mode")
        if not self.instance.pk:
            return mode is not None
        is_other = mode is not None and mode != self.auth_before.mode
        return is_other and not self.instance.secrets.live().filter(auth_mode=mode).exists()

    def get_secret(self) -> str:
        """Return the secret to add, made where that was asked for, or ""."""
        if self.cleaned_data["make_secret"]:
            self.made = self.made or secrets.token_urlsafe(32)
            return self.made
        return self.cleaned_data["new_secret"]

    def get_warning(self) -> str:
        if re.search(r"\s", self.cleaned_data["new_secret"]):
            return "The secret has a blank within it. It was kept so; if it was not meant, add it once more without."
        return ""


def _newest(source):
    return source.secrets.order_by("-id").values_list("id", flat=True).first()


def apply_retirement(secret: Secret, hours: int | None) -> None:
    """Give a secret the end that a form chose (RETIREMENT_CHOICES): in so many hours, at once for 0, never for None."""
    if hours is None:
        secret.reactivate()
    elif hours == 0:
        secret.revoke()
    else:
        secret.retire(timezone.now() + timedelta(hours=hours))
