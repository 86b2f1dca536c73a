"""The views of a source in addition to its form: secrets, tokens, change preview, provider setup and test event."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.models import CHANGE, LogEntry
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as N_
from django.views.generic import FormView, TemplateView
from django.views.generic.base import TemplateResponseMixin

from webhooks.admin.source_form import RETIREMENT_CHOICES, apply_retirement
from webhooks.admin.views import ModelAdminView
from webhooks.auth_modes import get_auth_mode
from webhooks.labels import secret_validity
from webhooks.messages import TranslatableMessage
from webhooks.models import Secret, Source
from webhooks.monitoring import secret_usage
from webhooks.onboarding import handover, postman, test_events
from webhooks.onboarding.change_preview import preview_config_change
from webhooks.onboarding.client import CannotSendError


class SourceView(ModelAdminView):
    """A view of the source whose primary key is in the URL."""

    @cached_property
    def source(self) -> Source:
        return get_object_or_404(Source, pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(source=self.source, **kwargs)

    def redirect_to_source(self) -> HttpResponse:
        return redirect("admin:webhooks_source_change", self.source.pk)

    def log_change(self, message: TranslatableMessage) -> None:
        """Add a message to the source's history, which is in English, and show it on the next page."""
        with translation.override(None):
            logged = str(message)
        LogEntry.objects.log_actions(self.request.user.pk, [self.source], CHANGE, logged, single_object=True)
        messages.success(self.request, str(message))


class SecretForm(forms.Form):
    retire_after = forms.TypedChoiceField(
        label=gettext_lazy("Validity from now"),
        choices=RETIREMENT_CHOICES,
        coerce=int,
        empty_value=None,
        required=False,
        initial=24,
        widget=forms.RadioSelect,
    )


class SecretView(SourceView, FormView):  # type: ignore[type-arg]  # no generic at run time
    """A secret with its usage, and the form that retires it."""

    route = "<int:pk>/secrets/<int:secret_pk>/"
    name = "webhooks_source_secret"
    permission_required = ("webhooks.change_source", "webhooks.change_secret")
    form_class = SecretForm
    template_name = "admin/webhooks/source/secret.html"

    @cached_property
    def secret(self) -> Secret:
        return get_object_or_404(Secret, pk=self.kwargs["secret_pk"], source=self.source)

    @property
    def title(self) -> str:
        return _("Secret {fingerprint}").format(fingerprint=self.secret.fingerprint)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        uses = secret_usage.of_secrets(self.source)
        return super().get_context_data(use=next(use for use in uses if use.secret.pk == self.secret.pk), **kwargs)

    def form_valid(self, form: SecretForm) -> HttpResponse:
        if self.secret.state == Secret.State.REVOKED:
            return self.form_invalid(form)
        apply_retirement(self.secret, form.cleaned_data["retire_after"])
        self.log_change(
            TranslatableMessage(
                N_("Secret {fingerprint}: {validity}."),
                fingerprint=self.secret.fingerprint,
                validity=secret_validity(self.secret),
            )
        )
        return self.redirect_to_source()


class EndPreviousAuthView(SourceView):
    """Ends the time in which the source's previous authentication remains valid."""

    route = "<int:pk>/previous/"
    name = "webhooks_source_end_previous"
    permission_required = ("webhooks.change_source",)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if config := self.source.previous_auth:
            self.source.end_previous_auth()
            self.source.save()
            self.log_change(TranslatableMessage(N_("Ended: {authentication}."), authentication=str(config)))
        return self.redirect_to_source()


class RevokeTokensView(SourceView):
    """Revokes all live tokens of the source."""

    route = "<int:pk>/revoke-tokens/"
    name = "webhooks_source_revoke_tokens"
    permission_required = ("webhooks.change_source", "webhooks.change_accesstoken")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        count = self.source.access_tokens.live().update(revoked_at=timezone.now())
        self.log_change(TranslatableMessage(N_("Tokens revoked: {count}."), count=count))
        return self.redirect_to_source()


class ChangePreviewView(SourceView, TemplateResponseMixin):
    """The number of recent requests that the source would accept with the values of its form; a fragment for htmx."""

    route = "<int:pk>/change-preview/"
    name = "webhooks_source_change_preview"
    permission_required = ("webhooks.change_source",)
    template_name = "admin/webhooks/source/change_preview.html"
    AUTH_FIELDS = {"auth_mode", "auth_header", "token_prefix", "allowed_networks", "signature_tolerance"}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        source = self.source
        before = source.auth, source.allowed_networks, source.signature_tolerance
        form = self.model_admin.get_form(request, source, change=True)(request.POST, instance=source)
        form.is_valid()
        pasted = form.cleaned_data.get("new_secret", "")
        after = source.auth, source.allowed_networks, source.signature_tolerance
        errors = [error for field in self.AUTH_FIELDS & set(form.errors) for error in form.errors[field]]
        change_preview = None
        if not errors and (pasted or before != after):
            change_preview = preview_config_change(source, [*_live_values(source), *filter(None, [pasted])])
        is_new_endpoint = source.get_auth_mode().issues_tokens and not get_auth_mode(before[0].mode).issues_tokens
        return self.render_to_response(
            {"change_preview": change_preview, "errors": errors, "is_new_endpoint": is_new_endpoint}
        )


class HandoverView(SourceView, TemplateView):
    """The sheet for the provider, to print or to send."""

    route = "<int:pk>/hand-over/"
    name = "webhooks_source_hand_over"
    template_name = "admin/webhooks/source/hand_over.html"

    @property
    def title(self) -> str:
        return _("Setup of {source} for the provider").format(source=self.source)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(facts=handover.facts(self.source), text=handover.as_text(self.source), **kwargs)


class PostmanView(SourceView):
    """The Postman collection of a source that authenticates by a token, to download."""

    route = "<int:pk>/postman/"
    name = "webhooks_source_postman"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if not self.source.get_auth_mode().carries_token:
            raise Http404("Only a source that authenticates by a token has a collection.")
        response = JsonResponse(postman.collection(self.source), json_dumps_params={"indent": 2})
        response["Content-Disposition"] = f'attachment; filename="{self.source.slug}.postman_collection.json"'
        return response


class EventTypeForm(forms.Form):
    def __init__(self, *args: Any, source: Source, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"] = forms.ChoiceField(choices=test_events.get_test_event_choices(source), required=False)


class SendTestEventView(SourceView, FormView):  # type: ignore[type-arg]  # no generic at run time
    """Sends a test event of the chosen type, and shows its result."""

    route = "<int:pk>/test-event/"
    name = "webhooks_source_test_event"
    permission_required = ("webhooks.change_source",)
    form_class = EventTypeForm
    template_name = "admin/webhooks/source/test_event.html"
    http_method_names = ["post"]

    @property
    def title(self) -> str:
        return _("Test event for {source}").format(source=self.source)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"source": self.source}

    def form_valid(self, form: EventTypeForm) -> HttpResponse:
        outcome, problem = None, ""
        try:
            outcome = test_events.send_test_event(self.source, form.cleaned_data["type"])
        except CannotSendError as error:
            problem = str(error)
        return self.render_to_response(self.get_context_data(form=form, outcome=outcome, problem=problem))

    def form_invalid(self, form: EventTypeForm) -> HttpResponse:
        problem = " ".join(str(error) for error in form.errors["type"])
        return self.render_to_response(self.get_context_data(form=form, problem=problem))


def render_made_secret(model_admin: "ModelAdmin[Any]", request: HttpRequest, secret: Secret) -> TemplateResponse:
    """Return the page that shows a generated secret; the admin class calls this once, after saving it."""
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("New secret of {source}").format(source=secret.source),
        "source": secret.source,
        "made_secret": secret.value,
    }
    return TemplateResponse(request, "admin/webhooks/source/made_secret.html", context)


def _live_values(source: Source) -> list[str]:
    """Return the readable values of the live secrets for the source's authentication mode."""
    secrets = source.secrets.live().filter(auth_mode=source.auth_mode)
    return [value for secret in secrets if (value := secret.readable_value)]


VIEWS: list[type[SourceView]] = [
    SecretView,
    EndPreviousAuthView,
    RevokeTokensView,
    ChangePreviewView,
    HandoverView,
    PostmanView,
    SendTestEventView,
]
