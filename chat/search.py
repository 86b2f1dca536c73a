"""Search of contacts, messages and conversations, for the console's search and for their lists."""

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

from django.contrib.postgres.search import SearchVector, SearchVectorExact
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chat.customer_matching import AnnotatedConversation, job_annotations, select_for_list
from chat.labels import channel_label, customer_name, state_badge
from chat.models import SEARCHED_TEXT_LIMIT, Contact, Conversation, Message
from chat.rendering import excerpt, search_words
from console.formatting.badges import badge
from console.formatting.datetimes import day_and_time
from console.search.providers import SearchHit, SearchProvider, SearchResults, build_results, search_providers
from console.search.query import EMAIL, SearchTerm
from console.search.ranking import Matches, Row, Rows, matches_among, merge_matches, newest_matches
from orders import search as orders
from orders.models import Job
from webhooks.models import Source

_NAME = SearchVector("search_name", config="simple")
_TEXT = SearchVector("search_text", config="simple")
LATEST_LIMIT = 2_000  # conversations that are searched for a customer's name that is common
MIN_PREFIX_LENGTH = 3  # of a word in a message; shorter prefixes match too many


def find_contacts(term: SearchTerm) -> Matches:
    """Return the contacts that a term finds, the newest first.

    Exact: an e-mail, a phone in any format. Others: the beginning of an e-mail, the end of a phone, words (or their
    beginnings) of a name.
    """
    exact, similar = _exact_condition(term), _similar_condition(term)
    return merge_matches(
        [newest_matches(Contact.objects.filter(exact), "pk")] if exact else [],
        [newest_matches(Contact.objects.filter(similar), "pk", is_vague=True)] if similar else [],
    )


def find_messages(term: SearchTerm) -> Matches:
    """Return the messages that contain all words of a term, or words that begin with them."""
    return merge_matches([], [term.get_or_run(_match_texts)])


def find_conversations(term: SearchTerm) -> Matches:
    """Return the conversations that a term finds by customer, by job (as orders.search) or by the text of a message.

    Exact: the conversation's own id, a customer's e-mail or phone.
    """
    exact: list[Rows] = []
    others: list[Rows] = []
    if term.is_one_word:
        sources = list(Source.objects.values_list("pk", flat=True))  # the index begins with the source
        by_id = Conversation.objects.filter(source__in=sources, external_id__in=term.spellings)
        exact.append(newest_matches(by_id, "active_at"))
    customers = term.get_or_run(find_contacts)
    for keys, found in ((customers.exact, exact), (customers.others, others)):
        found.append(newest_matches(Conversation.objects.filter(contact__in=list(keys)), "active_at"))
    if customers.is_cut:
        # These are the newest contacts; the latest conversations may be with others.
        others.append((_match_latest(term), True))
    jobs = term.get_or_run(orders.find_jobs)
    ids = Job.objects.filter(pk__in=list(jobs.keys)).order_by().values("external_id")
    others.append(newest_matches(Conversation.objects.filter(job_id__in=ids), "active_at"))
    rows, is_cut = term.get_or_run(_match_texts)
    by_text = [(conversation, at) for _key, at, conversation, deleted in rows if not deleted]
    matches = merge_matches(exact, [*others, (by_text, is_cut)])
    return replace(matches, is_cut=matches.is_cut or jobs.is_cut or customers.is_cut)


def _match_latest(term: SearchTerm) -> list[Row]:
    """Return key and time of those of the latest conversations whose contact matches."""
    latest = list(Conversation.objects.values_list("pk", "active_at", "contact")[:LATEST_LIMIT])
    contacts = Contact.objects.filter(pk__in={contact for *_, contact in latest}).order_by()[:LATEST_LIMIT]
    similar = _similar_condition(term)
    matching = Contact.objects.filter(similar) if similar else Contact.objects.none()
    found = set(matches_among(contacts, matching.order_by().values_list("pk")))
    return [(pk, at) for pk, at, contact in latest if (contact,) in found]


def _exact_condition(term: SearchTerm) -> Q | None:
    if term.type is EMAIL:
        return Q(search_email=term.email)
    return Q(e164=term.e164) if term.e164 else None


def _similar_condition(term: SearchTerm) -> Q | None:
    if term.type is EMAIL:
        return Q(search_email__startswith=term.email)
    condition = Q(phone_digits_reversed__startswith=term.last_digits) if term.last_digits else Q()
    if words := term.text_query():
        condition |= Q(SearchVectorExact(_NAME, words))
    return condition or None


def _match_texts(term: SearchTerm) -> Rows:
    """Return key, time, conversation and deletion of the messages whose text matches."""
    words = term.text_query(MIN_PREFIX_LENGTH)
    if words is None:
        return [], False
    matching = Message.objects.filter(SearchVectorExact(_TEXT, words), conversation__isnull=False)
    return newest_matches(matching, "sent_at", "conversation", "deleted", is_vague=True)


@search_providers.register
class ContactSearch(SearchProvider):
    title = gettext_lazy("Contacts")
    permission = "chat.view_contact"
    changelist = "admin:chat_contact_changelist"
    position = 30

    def search(self, term: SearchTerm, limit: int) -> SearchResults:
        contacts = Contact.objects.select_related("source").defer("field_versions")
        return build_results(term.get_or_run(find_contacts), contacts, limit, _build_contact_hit)


def _build_contact_hit(contact: Contact) -> SearchHit:
    return SearchHit(
        url=contact.get_admin_url(),
        title=str(contact),
        badge=badge(_("Deleted")) if contact.deleted else "",
        details=[contact.phone_number, contact.email, contact.city, contact.source.name],
    )


@search_providers.register
class ConversationSearch(SearchProvider):
    title = gettext_lazy("Conversations")
    permission = "chat.view_conversation"
    changelist = "admin:chat_conversation_changelist"
    position = 20

    def search(self, term: SearchTerm, limit: int) -> SearchResults:
        matches = term.get_or_run(find_conversations)
        messages = _newest_messages(term, set(matches.keys[:limit]))
        conversations = select_for_list(Conversation.objects.annotate(**job_annotations("job_id")))
        return build_results(
            matches,
            conversations,
            limit,
            lambda conversation: _build_conversation_hit(conversation, messages.get(conversation.pk), term),
        )


def _build_conversation_hit(
    conversation: AnnotatedConversation, message: Message | None, term: SearchTerm
) -> SearchHit:
    count, job = conversation.message_count, conversation.job_reference or conversation.job_id
    text = message.text if message else conversation.last_text
    return SearchHit(
        url=message.get_thread_url() if message else conversation.get_admin_url(),
        title=customer_name(conversation, conversation.job_customer),
        badge=state_badge(conversation),
        details=[
            channel_label(conversation.channel),
            _matching_address(conversation.contact, term) if conversation.contact else "",
            _("Job {id}").format(id=job) if job else "",
            ngettext("{count} message", "{count} messages", count).format(count=count),
            day_and_time(conversation.active_at),
        ],
        snippet=excerpt(" ".join(text[:SEARCHED_TEXT_LIMIT].split()), search_words(term.text)),
    )


def _matching_address(contact: Contact, term: SearchTerm) -> str:
    """Return the contact's e-mail or phone, whichever the term may be."""
    if term.type is EMAIL:
        return contact.email
    return contact.phone_number if term.last_digits else ""


def _newest_messages(term: SearchTerm, conversations: set[Hashable]) -> dict[Hashable, Message]:
    """Return the newest message of each conversation whose text matches."""
    newest: dict[Hashable, Any] = {}
    for pk, _at, conversation, deleted in term.get_or_run(_match_texts)[0]:
        if conversation in conversations and not deleted:
            newest.setdefault(conversation, pk)
    found = Message.objects.only("text", "conversation").in_bulk(newest.values()) if newest else {}
    return {conversation: found[pk] for conversation, pk in newest.items() if pk in found}
