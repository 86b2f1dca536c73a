"""What may be done with a model, beyond what Django knows of."""

# For Meta.default_permissions of what can be exported (console/changelist/export.py).
EXPORTABLE = ("add", "change", "delete", "view", "export")
