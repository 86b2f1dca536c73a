"""What our read-only API endpoints share."""

from rest_framework.permissions import DjangoModelPermissions


class ViewModelPermission(DjangoModelPermissions):
    """The admin's own permissions: who may view a model there may read it here."""

    perms_map = DjangoModelPermissions.perms_map | {
        method: ["%(app_label)s.view_%(model_name)s"] for method in ("GET", "HEAD")
    }
