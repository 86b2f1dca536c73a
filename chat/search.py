"""How a term finds contacts, messages and conversations."""

from dataclasses import replace

from django.contrib.postgres.search import SearchVector, SearchVectorExact
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chat.labels import channel, state_badge
from chat.models import LONGEST_SEARCHED, Contact, Conversation, Message
from chat.rendering import excerpt, sought
from console.formatting.badges import badge
from console.formatting.datetimes import day_and_time
from console.search.providers import SearchHit, SearchProvider, SearchResults, build_results, search_providers
from console.search.query import EMAIL, SearchTerm
from console.search.ranking import Matches, Rows, matches_among, merge_matches, newest_matches
from orders import search as orders
from orders.models import Job
from webhooks.models import Source

_NAME = SearchVector("search_name", config="simple")
_TEXT = SearchVector("search_text", config="simple")
LATEST = 2_000  # conversations that are looked through for a customer's name that is common
SHORTEST_BEGINNING = 3  # of a word in a message: there are many of them


def contacts(term: SearchTerm) -> Matches:
    """Return the contacts that a term finds, those that came last first. Exact: an e-mail, a phone in any spelling.
    Others: an e-mail's beginning, the end of a phone, words (or their beginnings) of a name.
    """
    exact, like = _exact(term), _like(term)
    return merge_matches(
        [newest_matches(Contact.objects.filter(exact), "pk")] if exact else [],
        [newest_matches(Contact.objects.filter(like), "pk", is_vague=True)] if like else [],
    )


def messages(term: SearchTerm) -> Matches:
    """Return the messages that hold all words of a term, or words that begin so."""
    return merge_matches([], [term.get_or_run(_written)])


def conversations(term: SearchTerm) -> Matches:
    """Return the conversations that a term finds, by customer, job (as orders.search does) or what was written.

    Exact: its own id, a customer's e-mail or phone.
    """
    exact, others = [], []
    if term.is_one_word:
        sources = list(Source.objects.values_list("pk", flat=True))  # each has an index of the ids behind it
        by_id = Conversation.objects.filter(source__in=sources, external_id__in=term.spellings)
        exact.append(newest_matches(by_id, "active_at"))
    customers = term.get_or_run(contacts)
    for keys, found in ((customers.exact, exact), (customers.others, others)):
        found.append(newest_matches(Conversation.objects.filter(contact__in=keys), "active_at"))
    if customers.is_cut:
        # Those were the customers who came last; who wrote last may be others.
        latest = list(Conversation.objects.values_list("pk", "active_at", "contact")[:LATEST])
        of_them = Contact.objects.filter(pk__in={contact for *_, contact in latest}).order_by()[:LATEST]
        called_so = set(matches_among(of_them, Contact.objects.filter(_like(term)).order_by().values_list("pk")))
        others.append(([(pk, at) for pk, at, contact in latest if (contact,) in called_so], True))
    jobs = term.get_or_run(orders.find)
    ids = Job.objects.filter(pk__in=jobs.keys).order_by().values("external_id")
    others.append(newest_matches(Conversation.objects.filter(job_id__in=ids), "active_at"))
    rows, is_cut = term.get_or_run(_written)
    written = [(conversation, at) for _key, at, conversation, deleted in rows if not deleted]
    found = merge_matches(exact, [*others, (written, is_cut)])
    return replace(found, is_cut=found.is_cut or jobs.is_cut or customers.is_cut)


def _exact(term):
    if term.type is EMAIL:
        return Q(search_email=term.email)
    return Q(e164=term.e164) if term.e164 else None


def _like(term):
    if term.type is EMAIL:
        return Q(search_email__startswith=term.email)
    found = Q(phone_digits_reversed__startswith=term.last_digits) if term.last_digits else Q()
    if words := term.text_query():
        found |= Q(SearchVectorExact(_NAME, words))
    return found or None


def _written(term) -> Rows:
    """Return the messages that say it, with their conversation and whether they are deleted."""
    words = term.text_query(SHORTEST_BEGINNING)
    if words is None:
        return [], False
    said = Message.objects.filter(SearchVectorExact(_TEXT, words), conversation__isnull=False)
    return newest_matches(said, "sent_at", "conversation", "deleted", is_vague=True)


@search_providers.register
class ContactSearch(SearchProvider):
    title = gettext_lazy("Contacts")
    permission = "chat.view_contact"
    changelist = "admin:chat_contact_changelist"
    position = 30

    def search(self, term: SearchTerm, limit: int) -> SearchResults:
        def build_hit(contact):
            return SearchHit(
                url=contact.get_admin_url(),
                title=str(contact),
                badge=badge(_("Deleted")) if contact.deleted else "",
                details=[contact.phone_number, contact.email, contact.city, contact.source.name],
            )

        return build_results(
            term.get_or_run(contacts),
            Contact.objects.select_related("source").defer("field_versions"),
            limit,
            build_hit,
        )


@search_providers.register
class ConversationSearch(SearchProvider):
    title = gettext_lazy("Conversations")
    permission = "chat.view_conversation"
    changelist = "admin:chat_conversation_changelist"
    position = 20

    def search(self, term: SearchTerm, limit: int) -> SearchResults:
        def build_hit(conversation):
            message = said.get(conversation.pk)
            count, job = conversation.message_count, conversation.job_reference or conversation.job_id
            return SearchHit(
                url=conversation.get_admin_url() + (f"?message={message.pk}#message-{message.pk}" if message else ""),
                title=str(conversation.contact or " ".join((conversation.job_customer or "").split()) or conversation),
                badge=state_badge(conversation),
                details=[
                    channel(conversation.channel),
                    _address(conversation.contact, term) if conversation.contact else "",
                    _("Job {job}").format(job=job) if job else "",
                    ngettext("{count} message", "{count} messages", count).format(count=count),
                    day_and_time(conversation.active_at),
                ],
                snippet=excerpt(_start(message.text if message else conversation.last_text), sought(term.text)),
            )

        matches = term.get_or_run(conversations)
        said = _said(term, set(matches.keys[:limit]))
        jobs = Job.objects.filter(provider=OuterRef("source__provider"), external_id=OuterRef("job_id"))
        rows = Conversation.objects.select_related("source", "contact").defer(
            "field_versions", "contact__field_versions"
        )
        rows = rows.annotate(
            job_reference=Subquery(jobs.values("client_reference")[:1]),
            job_customer=Subquery(jobs.values("recipient_name")[:1]),
        )
        return build_results(matches, rows, limit, build_hit)


def _address(contact, term):
    """Return of a contact's e-mail and phone what the term is about."""
    if term.type is EMAIL:
        return contact.email
    return contact.phone_number if term.last_digits else ""


def _said(term, conversations) -> dict[int, Message]:
    """Return by conversation the newest of its messages that say it."""
    newest_of = {}
    for pk, _at, conversation, deleted in term.get_or_run(_written)[0]:
        if conversation in conversations and not deleted:
            newest_of.setdefault(conversation, pk)
    found = Message.objects.only("text").in_bulk(newest_of.values()) if newest_of else {}
    return {conversation: found[pk] for conversation, pk in newest_of.items() if pk in found}


def _start(text):
    """Return what of a text is searched, in one line."""
    return " ".join(text[:LONGEST_SEARCHED].split())
