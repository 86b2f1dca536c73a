"""Error pages of the admin, in the user's language and with advice; elsewhere Django's default responses."""

from contextlib import suppress

from django.contrib import admin
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import csrf, defaults

from console.accounts.login import console_csp


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_admin(request):
        with suppress(SuspiciousOperation):  # the address or the host name may be the invalid part
            return _page(
                request,
                400,
                _("This request cannot be read"),
                _(
                    "What your browser sent is not whole, or too much at once. Go back, load the page again and try"
                    " once more."
                ),
            )
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_admin(request):
        return defaults.permission_denied(request, exception)
    return _page(
        request,
        403,
        _("You don't have access"),
        _("Your role does not include this page. If you need it, ask an administrator of Delivery desk."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if not _is_admin(request):
        return csrf.csrf_failure(request, reason)
    return _page(
        request,
        403,
        _("This form has expired"),
        _(
            "You logged in or out since it was opened, or your browser keeps no cookies. Nothing was changed: go back,"
            " load the page again and send it once more."
        ),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_admin(request):
        return defaults.page_not_found(request, exception)
    return _page(
        request,
        404,
        _("Page not found"),
        _("The address may be mistyped, or the record may have been deleted."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    if _is_admin(request):
        with suppress(DatabaseError):  # the database may be what failed
            return _page(
                request,
                500,
                _("Something went wrong"),
                _(
                    "The server had an error, which is in its log. Try again; if the error remains, report to an"
                    " administrator of Delivery desk what you did."
                ),
            )
    return defaults.server_error(request)


def _is_admin(request: HttpRequest) -> bool:
    return request.path_info.startswith(reverse("admin:index"))


@console_csp
def _page(request: HttpRequest, status: int, title: str, explanation: str) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": title, "explanation": explanation}
    # Menu and search read the database, which may be what failed, and are only for users who are logged in.
    has_menu = context["has_permission"] and status in (403, 404)
    return render(request, f"admin/error{'' if has_menu else '_alone'}.html", context, status=status)
