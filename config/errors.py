"""What the admin answers where there is no such page, or not for this user: a page in the reader's language."""

from django.contrib import admin
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import defaults

from config.login import console_csp


def not_found(request, exception):
    if not request.path_info.startswith(reverse("admin:index")):
        return defaults.page_not_found(request, exception)
    return _page(
        request,
        404,
        _("This page is not there"),
        _("Its address may be mistyped, or what it showed is not kept any more."),
    )


def forbidden(request, exception):
    if not request.path_info.startswith(reverse("admin:index")):
        return defaults.permission_denied(request, exception)
    return _page(
        request,
        403,
        _("This page is not open to you"),
        _("Your role does not include it. If you need it, ask who administers Delivery desk."),
    )


@console_csp
def _page(request, status, title, explanation):
    context = {**admin.site.each_context(request), "title": title, "explanation": explanation}
    return render(request, "admin/error.html", context, status=status)
