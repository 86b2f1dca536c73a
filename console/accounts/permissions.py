"""Permissions of models in addition to those of Django."""

# For Meta.default_permissions of what can be exported (console/changelist/export.py).
EXPORTABLE = ("add", "change", "delete", "view", "export")
