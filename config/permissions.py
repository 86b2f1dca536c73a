"""What may be done with a model, beyond what Django knows of."""

# For Meta.default_permissions of what can be exported (config/export.py).
EXPORTABLE = ("add", "change", "delete", "view", "export")
