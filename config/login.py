"""How one logs in to the admin."""

from django.conf import settings
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.csp import csp_override
from unfold.sites import UnfoldAdminSite

console_csp = csp_override(settings.CONSOLE_CSP)


class LoginSite(UnfoldAdminSite):
    @method_decorator(console_csp)
    def login(self, request, extra_context=None):
        return super().login(request, extra_context)

    @method_decorator(console_csp)
    def locked_out(self, request, minutes):
        """Return the answer to one who guesses (config.lockout)."""
        context = {**self.each_context(request), "title": "Locked", "minutes": minutes}
        return render(request, "admin/locked_out.html", context, status=429)
