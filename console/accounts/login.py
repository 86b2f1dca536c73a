"""The admin's login: the password, then the code of the second factor; and the page that sets the factor up."""

from base64 import b32encode
from binascii import unhexlify
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import authenticate
from django.contrib.auth import login as log_in
from django.contrib.auth.views import LoginView, redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csp import csp_override
from django.views.decorators.debug import sensitive_post_parameters
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key
from unfold.forms import AuthenticationForm
from unfold.sites import UnfoldAdminSite
from unfold.widgets import BASE_INPUT_CLASSES

from console.accounts import two_factor

SETUP_KEY = "second_factor_key"  # of the session: the key during the setup
console_csp = csp_override(settings.CONSOLE_CSP)
_page_decorators = method_decorator([console_csp, never_cache, sensitive_post_parameters("code")])


class LoginForm(AuthenticationForm):
    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if two_factor.is_on(user):
            two_factor.begin_login(self.request, user)
            raise ValidationError("Now the code.")  # LoginSite.login() asks for it


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=20,
        label=gettext_lazy("Code"),
        help_text=gettext_lazy("The six digits that your app shows now, or one of your recovery codes."),
        widget=forms.TextInput({"class": " ".join(BASE_INPUT_CLASSES), "autocomplete": "one-time-code"}),
        error_messages={"required": gettext_lazy("Enter a code.")},
    )

    def clean_code(self) -> str:
        """Return the code without the space of "123 456" and the dash of recovery codes."""
        return "".join(filter(str.isalnum, self.cleaned_data["code"].lower()))

    def add_code_error(self) -> None:
        self.add_error(
            "code",
            _(
                "This code is not accepted. Each code works once, and after a wrong one there is a pause: wait until"
                " your app shows the next one."
            ),
        )


class LoginSite(UnfoldAdminSite):
    """An admin site that only complete logins may use."""

    login_form = LoginForm

    def get_urls(self) -> list[URLPattern]:
        return [
            path("login/code/", self.login_code, name="login_code"),
            path("second-factor/", self.second_factor_page, name="second_factor"),
            path("logout/", console_csp(self.logout)),  # also for incomplete logins
            *super().get_urls(),
        ]

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and two_factor.is_complete(request.user)

    @method_decorator(console_csp)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "GET" and super().has_permission(request) and two_factor.must_set_up(request.user):
            return redirect(_with_next("second_factor", request))
        two_factor.cancel_pending_login(request)
        response = super().login(request, extra_context)
        return redirect(_with_next("login_code", request)) if two_factor.pending_user(request) else response

    @_page_decorators
    def login_code(self, request: HttpRequest) -> HttpResponse:
        """Ask for the code after the right password."""
        user = two_factor.pending_user(request)
        if user is None:
            return redirect(_with_next("login", request))
        form = CodeForm(request.POST or None)
        if form.is_valid():
            code = form.cleaned_data["code"]
            verified: Any = authenticate(request, username=user.get_username(), token=code)
            if verified:
                two_factor.cancel_pending_login(request)
                log_in(request, verified, backend="console.accounts.backends.PasswordBackend")
                if two_factor.is_recovery(verified.otp_device):
                    left = two_factor.recovery_codes_left(verified)
                    words = ngettext(
                        "You used a recovery code; {left} of them is left.",
                        "You used a recovery code; {left} of them are left.",
                        left,
                    )
                    messages.warning(request, words.format(left=left))
                return redirect(_next(request))
            form.add_code_error()
        # The page is hidden until Alpine.js has run, too late for autofocus.
        form.fields["code"].widget.attrs["x-init"] = "$nextTick(() => $el.focus())"
        context = {**self.each_context(request), "title": _("Second factor"), "form": form}
        return TemplateResponse(request, "admin/login_code.html", context)

    @_page_decorators
    def second_factor_page(self, request: HttpRequest) -> HttpResponse:
        """Set up or remove the user's own second factor."""
        user: Any = request.user
        # A user who has a second factor may change it only after having given it.
        if not super().has_permission(request) or (two_factor.is_on(user) and not user.is_verified()):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        form = CodeForm(request.POST or None)
        page = self._remove if two_factor.is_on(user) else self._set_up
        answer = page(request, form)
        if not isinstance(answer, dict):
            return answer
        # Without the sidebar, as long as no other page is accessible.
        layout = "admin/base_site.html" if self.has_permission(request) else "unfold/layouts/unauthenticated.html"
        context = {**self.each_context(request), "title": _("Second factor"), "form": form, "layout": layout, **answer}
        return TemplateResponse(request, "admin/second_factor.html", context)

    def _set_up(self, request: HttpRequest, form: CodeForm) -> dict[str, Any]:
        key = request.session.setdefault(SETUP_KEY, default_key())
        form.fields["code"].help_text = ""
        if form.is_valid():
            if codes := two_factor.set_up(request, key, form.cleaned_data["code"]):
                del request.session[SETUP_KEY]
                _log_change(request.user, "Set up a second factor.")
                return {"codes": codes, "next": _next(request)}
            form.add_error(
                "code",
                _(
                    "This is not the code of this key. Enter the six digits that your app shows now; if they are, see"
                    " that your phone sets its clock by itself."
                ),
            )
        address = TOTPDevice(user=request.user, key=key).config_url
        picture = segno.make(address, micro=False).svg_inline(omitsize=True, border=3, light="#fff", title=_("QR code"))
        text = b32encode(unhexlify(key)).decode()
        return {
            "picture": mark_safe(picture),  # noqa: S308 - made of modules, not of text
            "key": [text[start : start + 4] for start in range(0, len(text), 4)],
            "required": two_factor.must_set_up(request.user),
        }

    def _remove(self, request: HttpRequest, form: CodeForm) -> HttpResponse | dict[str, Any]:
        if form.is_valid():
            user = authenticate(request, username=request.user.get_username(), token=form.cleaned_data["code"])
            if user:
                two_factor.remove(user)
                _log_change(user, "Removed the second factor.")
                messages.success(request, _("Your second factor is removed."))
                return redirect("admin:second_factor")
            form.add_code_error()
        return {"left": two_factor.recovery_codes_left(request.user), "of": two_factor.RECOVERY_CODES}

    @method_decorator(console_csp)
    def locked_out(self, request: HttpRequest, minutes: int) -> HttpResponse:
        """Return the page for a locked-out user (console.accounts.lockout)."""
        context = {**self.each_context(request), "title": _("Locked"), "minutes": minutes}
        return render(request, "admin/locked_out.html", context, status=429)


def _next(request: HttpRequest) -> str:
    return LoginView().get_redirect_url(request) or reverse("admin:index")


def _with_next(name: str, request: HttpRequest) -> str:
    return reverse(f"admin:{name}", query={"next": _next(request)})


def _log_change(user: Any, message: str) -> None:
    """Log a change of the user in the user's history."""
    LogEntry.objects.log_actions(user.pk, [user], CHANGE, message, single_object=True)
