"""What is done with a source beside filling in its form, each on a page of its own."""

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from webhooks.admin.source_form import RETIREMENT_CHOICES
from webhooks.labels import state_of
from webhooks.models import Secret, Source
from webhooks.monitoring import secret_usage
from webhooks.onboarding import handover, postman, test_events
from webhooks.onboarding.change_preview import preview_config_change
from webhooks.onboarding.client import CannotSendError
from webhooks.providers.base import DYNAMIC_TOKEN, SIGNATURE


class SecretForm(forms.Form):
    retire_after = forms.TypedChoiceField(
        choices=[*((hours, text.replace("revoke them", "revoke it")) for hours, text in RETIREMENT_CHOICES)],
        coerce=int,
        empty_value=None,
        required=False,
    )


class SourcePages:
    """A mixin of SourceAdmin."""

    def get_urls(self):
        pages = {
            "secrets/<int:secret_id>/": (self.secret_view, "secret"),
            "previous/": (require_POST(self.end_previous_view), "end_previous"),
            "revoke-tokens/": (require_POST(self.revoke_tokens_view), "revoke_tokens"),
            "change-preview/": (require_POST(self.change_preview_view), "change_preview"),
            "hand-over/": (self.hand_over_view, "hand_over"),
            "postman/": (self.postman_view, "postman"),
            "test-event/": (require_POST(self.test_event_view), "test_event"),
        }
        return [
            *(
                path(f"<int:source_id>/{page}", self.admin_site.admin_view(view), name=f"webhooks_source_{name}")
                for page, (view, name) in pages.items()
            ),
            *super().get_urls(),
        ]

    def _get(self, request, source_id, *, may_change=True) -> Source:
        source = get_object_or_404(Source, pk=source_id)
        may = self.has_change_permission if may_change else self.has_view_permission
        if not may(request, source):
            raise PermissionDenied
        return source

    def _page(self, request, template, source, **context):
        context = {**self.admin_site.each_context(request), "opts": self.opts, "source": source, **context}
        return TemplateResponse(request, f"admin/webhooks/source/{template}.html", context)

    def _to(self, source):
        return redirect(reverse("admin:webhooks_source_change", args=[source.pk]))

    def _log(self, request, source, message):
        LogEntry.objects.log_actions(request.user.pk, [source], CHANGE, message, single_object=True)
        messages.success(request, message)

    def made_secret(self, request, source):
        """Return the page that shows, this once, the secret that was made; None where none was."""
        if not getattr(source, "made_secret", ""):
            return None
        return self._page(
            request, "made_secret", source, title=f"The new secret of {source}", made_secret=source.made_secret
        )

    def secret_view(self, request, source_id, secret_id):
        source = self._get(request, source_id)
        if not request.user.has_perm("webhooks.change_secret"):
            raise PermissionDenied
        secret = get_object_or_404(Secret, pk=secret_id, source=source)
        use = next(use for use in secret_usage.of_secrets(source) if use.secret.pk == secret.pk)
        form = SecretForm(request.POST or None)
        if request.method == "POST" and secret.state != Secret.State.REVOKED and form.is_valid():
            secret.retire(form.cleaned_data["retire_after"])
            self._log(request, source, f"Secret {secret.fingerprint}: {state_of(secret)}.")
            return self._to(source)
        return self._page(request, "secret", source, title=f"Secret {secret.fingerprint}", use=use, form=form)

    def end_previous_view(self, request, source_id):
        source = self._get(request, source_id)
        if config := source.previous_auth:
            source.end_previous_auth()
            source.save()
            self._log(request, source, f"Ended: {config}.")
        return self._to(source)

    def revoke_tokens_view(self, request, source_id):
        source = self._get(request, source_id)
        if not request.user.has_perm("webhooks.change_accesstoken"):
            raise PermissionDenied
        count = source.access_tokens.live().update(revoked_at=timezone.now())
        self._log(request, source, f"{count} token{'' if count == 1 else 's'} revoked.")
        return self._to(source)

    def change_preview_view(self, request, source_id):
        """Answer htmx with what the form, as it now stands, would have made of the last requests."""
        source = self._get(request, source_id)
        before = source.auth, source.allowed_networks, source.signature_tolerance
        form = self.get_form(request, source, change=True)(request.POST, instance=source)
        form.is_valid()
        pasted = form.cleaned_data.get("new_secret", "")
        after = source.auth, source.allowed_networks, source.signature_tolerance
        proof_fields = {"auth_mode", "auth_header", "token_prefix", "allowed_networks", "signature_tolerance"}
        errors = [error for field in proof_fields & set(form.errors) for error in form.errors[field]]
        change_preview = None
        if not errors and (pasted or before != after):
            change_preview = preview_config_change(source, [*_values(source), *filter(None, [pasted])])
        context = {
            "change_preview": change_preview,
            "errors": errors,
            "source": source,
            "is_new_endpoint": source.auth_mode == DYNAMIC_TOKEN and before[0].mode != DYNAMIC_TOKEN,
        }
        return TemplateResponse(request, "admin/webhooks/source/change_preview.html", context)

    def hand_over_view(self, request, source_id):
        source = self._get(request, source_id, may_change=False)
        facts, text = handover.facts(source), handover.as_text(source)
        return self._page(request, "hand_over", source, title=f"Hand-over of {source}", facts=facts, text=text)

    def postman_view(self, request, source_id):
        source = self._get(request, source_id, may_change=False)
        if source.auth_mode == SIGNATURE:
            raise Http404("Only what proves itself with a token has a collection.")
        answer = JsonResponse(postman.collection(source), json_dumps_params={"indent": 2})
        answer["Content-Disposition"] = f'attachment; filename="{source.slug}.postman_collection.json"'
        return answer

    def test_event_view(self, request, source_id):
        source = self._get(request, source_id)
        try:
            outcome, problem = test_events.send_test_event(source, request.POST.get("type", "")), ""
        except CannotSendError as error:
            outcome, problem = None, str(error)
        return self._page(
            request, "test_event", source, title=f"Test event for {source}", outcome=outcome, problem=problem
        )


def _values(source):
    """Return what the source's live secrets for its present authentication are."""
    secrets = source.secrets.live().filter(auth_mode=source.auth_mode)
    return [value for secret in secrets if (value := secret.readable_value)]
