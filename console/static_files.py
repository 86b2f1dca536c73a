"""The storage that gives static files names with a hash of their content, in the imports of scripts, too."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class ModuleStorage(ManifestStaticFilesStorage):
    """Replace the names of other scripts in a module's `import` statements by the ones with a hash.

    https://docs.djangoproject.com/en/6.1/ref/contrib/staticfiles/#manifeststaticfilesstorage
    """

    support_js_module_import_aggregation = True
