"""Authentication and permissions of the read-only API."""

from typing import Any

from django.contrib.auth.models import User
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import DjangoModelPermissions
from rest_framework.request import Request

from console.accounts import two_factor

INCOMPLETE = (
    "This user logs in with a second factor, which has not been given here. Log in to the admin first, or give the"
    " program a user of its own without Staff status."
)


class BasicAuthentication(authentication.BasicAuthentication):
    """Basic authentication; wrong passwords count as in the admin and lock out of both."""

    def authenticate_credentials(self, userid: str, password: str, request: Request | None = None) -> Any:
        if "\0" in userid or len(userid) > (User._meta.get_field("username").max_length or 0):
            raise AuthenticationFailed  # PostgreSQL would refuse the query
        return super().authenticate_credentials(userid, password, request and request._request)  # type: ignore[arg-type]  # as Django's backends need


class ViewModelPermission(DjangoModelPermissions):
    """The admin's permissions: users who may view a model there may read it, after a complete login."""

    perms_map = DjangoModelPermissions.perms_map | {
        method: ["%(app_label)s.view_%(model_name)s"] for method in ("GET", "HEAD")
    }

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.user.is_authenticated and not two_factor.is_complete(request.user):
            raise PermissionDenied(INCOMPLETE)
        return super().has_permission(request, view)
