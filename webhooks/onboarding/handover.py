"""The settings that a provider needs in order to send events to a source; never a secret."""

from django.utils.translation import gettext as _

from webhooks.auth_modes import Fact
from webhooks.models import Source


def facts(source: Source) -> list[Fact]:
    """Return the facts in the active language, in the order in which a provider needs them."""
    mode = source.get_auth_mode()
    return [
        Fact("URL", source.get_url()),
        Fact(_("Method and body"), "POST, application/json"),
        Fact(_("Authentication"), str(mode.label), is_code=False),
        *mode.handover(source),
    ]


def as_text(source: Source) -> str:
    """Return the facts as lines of text."""
    return "\n".join(f"{fact.name}: {fact.value}" for fact in facts(source))
