"""What our read-only API endpoints share."""

from django.contrib.auth import get_user_model
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import DjangoModelPermissions

from console.accounts import two_factor

INCOMPLETE = (
    "This user logs in with a second factor, which has not been given here. Log in to the admin first, or give the"
    " program a user of its own without Staff status."
)


class BasicAuthentication(authentication.BasicAuthentication):
    """Wrong passwords count as in the admin, and lock out there too."""

    def authenticate_credentials(self, userid, password, request=None):
        if "\0" in userid or len(userid) > get_user_model()._meta.get_field("username").max_length:
            raise AuthenticationFailed  # the database could not even look for it
        return super().authenticate_credentials(userid, password, request and request._request)


class ViewModelPermission(DjangoModelPermissions):
    """The admin's own permissions: who may view a model there may read it here, after a login that is complete."""

    perms_map = DjangoModelPermissions.perms_map | {
        method: ["%(app_label)s.view_%(model_name)s"] for method in ("GET", "HEAD")
    }

    def has_permission(self, request, view):
        if request.user.is_authenticated and not two_factor.is_complete(request.user):
            raise PermissionDenied(INCOMPLETE)
        return super().has_permission(request, view)
