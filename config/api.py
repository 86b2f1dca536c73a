"""What our read-only API endpoints share."""

from django.contrib.auth import get_user_model
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import DjangoModelPermissions


class BasicAuthentication(authentication.BasicAuthentication):
    """Wrong passwords count as in the admin, and lock out there too."""

    def authenticate_credentials(self, userid, password, request=None):
        if "\0" in userid or len(userid) > get_user_model()._meta.get_field("username").max_length:
            raise AuthenticationFailed  # the database could not even look for it
        return super().authenticate_credentials(userid, password, request and request._request)


class ViewModelPermission(DjangoModelPermissions):
    """The admin's own permissions: who may view a model there may read it here."""

    perms_map = DjangoModelPermissions.perms_map | {
        method: ["%(app_label)s.view_%(model_name)s"] for method in ("GET", "HEAD")
    }
