"""Rejections because of the source that a request is sent to."""

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as N_

from webhooks.links import Link
from webhooks.messages import TranslatableMessage
from webhooks.models import Source
from webhooks.rejections.known_secrets import KnownSecrets
from webhooks.rejections.reasons.base import RequestRejected, link_to

if TYPE_CHECKING:
    from webhooks.receiving.inbound import InboundRequest

_MAX_SLUGS = 200  # that a wrong address is compared with
_MAX_SLUG_LENGTH = 100  # characters of a wrong address that are compared


class UnknownSource(RequestRejected):
    """No source has the slug at the end of the URL."""

    status = 404
    code = "unknown_source"
    label = gettext_lazy("Unknown source")
    message = "No source has this address; compare the URL with the one on the source's page."

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> TranslatableMessage:
        similar = list(_similar_slugs(inbound.slug))
        if not similar:
            return TranslatableMessage(
                N_("The URL was mistyped, the source was deleted, or somebody is probing addresses.")
            )
        return TranslatableMessage(
            N_("Is “{slug}” meant? Give the provider the URL shown on that source's page."), slug=similar[0]
        )

    @classmethod
    def remedy(cls, source: Source) -> Iterator[str | Link]:
        yield from cls.remedy_without_source(source.slug)  # it was added since

    @classmethod
    def remedy_without_source(cls, slug: str) -> Iterator[str | Link]:
        yield _("The URL of an existing source, as its page shows it.")
        for similar, pk in _similar_slugs(slug).items():
            page = reverse("admin:webhooks_source_change", args=[pk])
            yield Link(_("The source {slug}").format(slug=similar), page)
        yield Link(_("Add a source"), reverse("admin:webhooks_source_add"))


class SourceDisabled(RequestRejected):
    """The source is disabled."""

    status = 403
    code = "source_disabled"
    label = gettext_lazy("Source disabled")
    message = "This source is disabled and takes no events; an integration admin can enable it on its page."

    def cause(self, inbound: "InboundRequest", secrets: KnownSecrets) -> TranslatableMessage:
        return TranslatableMessage(
            N_("The source is disabled: every request to it is rejected until it is active or paused.")
        )

    @classmethod
    def remedy(cls, source: Source) -> Iterator[str | Link]:
        if source.state == Source.State.DISABLED:
            yield _("Its source has to be active or paused.")
        else:
            yield _("Its source is no longer disabled: sent again, the request is not rejected for this.")
        yield link_to(source, _("State"), "id_state")


def _similar_slugs(slug: str) -> dict[str, int]:
    """Return the primary keys of sources with a similar slug, the most similar first."""
    slugs = dict(Source.objects.values_list("slug", "pk")[:_MAX_SLUGS])
    return {match: slugs[match] for match in difflib.get_close_matches(slug[:_MAX_SLUG_LENGTH], slugs)}
