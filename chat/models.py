"""Models of conversations, contacts, messages and tickets, which the events of all providers are projected into."""

from typing import ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console.accounts.permissions import EXPORTABLE
from console.search import normalize

SEARCHED_TEXT_LIMIT = 5_000  # characters of a message that are searched


class ProjectedModel(models.Model):
    """A row that a source's events are projected into: each column has the last value that an event reported."""

    # Without an index of its own: indexes of the models begin with it.
    source = models.ForeignKey(
        "webhooks.Source", models.PROTECT, db_index=False, related_name="+", verbose_name=_("source")
    )
    external_id = models.CharField(_("id"), max_length=200)
    # {field: [position, value]}: the position of each column's value, so that a late event replaces only earlier ones.
    field_versions = models.JSONField(default=dict)
    deleted = models.BooleanField(_("deleted"), default=False)
    # No provider reports when it was deleted, or by whom.
    deleted_at = models.DateTimeField(
        _("deletion received"), null=True, help_text=_("When the first event about its deletion was received.")
    )
    received_at = models.DateTimeField(
        _("received"), null=True, help_text=_("When the first event about it was received.")
    )

    # Typed here, as django-stubs gives the subclasses of an abstract model a manager of Model.
    objects: ClassVar[models.Manager[Self]] = models.Manager()  # type: ignore[misc]

    class Meta:
        abstract = True

    def get_admin_url(self) -> str:
        return reverse(f"admin:chat_{self._meta.model_name}_change", args=[self.pk])


def one_per_id(name: str) -> models.UniqueConstraint:
    """Return the constraint that a source has one row of each id."""
    return models.UniqueConstraint(fields=["source", "external_id"], name=f"one_{name}_per_id")


class Contact(ProjectedModel):
    """A person or a shop's account that writes, as one source identifies it."""

    name = models.CharField(_("name"), max_length=200)
    email = models.CharField(_("e-mail"), max_length=254)
    phone_number = models.CharField(_("phone"), max_length=50)
    avatar_url = models.TextField(_("picture"))
    city = models.CharField(_("city"), max_length=100)
    country = models.CharField(_("country"), max_length=100)
    last_active_at = models.DateTimeField(_("last active"), null=True)

    # Normalized, for search and for matching with jobs and contacts of other sources (chat/customer_matching.py).
    search_name = models.CharField(max_length=200)
    search_email = models.CharField(max_length=254)
    phone_digits_reversed = models.CharField(max_length=50, help_text=_("Its digits, last one first."))
    e164 = models.CharField(_("phone in E.164"), max_length=20)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-id"]
        default_permissions = EXPORTABLE
        constraints = [one_per_id("contact")]
        indexes = [
            # The admin's list with its filter.
            models.Index(fields=["source", "-id"], name="contact_source"),
            models.Index(fields=["search_email"], name="contact_email", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["phone_digits_reversed"], name="contact_phone", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["e164"], name="contact_e164"),
            GinIndex(SearchVector("search_name", config="simple"), name="contact_name"),
        ]

    def __str__(self) -> str:
        return " ".join(self.name.split()) or self.email or self.phone_number or gettext("Unknown contact")


class Group(ProjectedModel):
    """A named group of contacts with a conversation of its own."""

    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"))
    avatar_url = models.TextField(_("picture"))
    conversation = models.ForeignKey(
        "chat.Conversation", models.SET_NULL, null=True, related_name="+", verbose_name=_("conversation")
    )
    members = models.JSONField(_("members"), null=True, help_text=_("Ids of contacts."))
    archived_at = models.DateTimeField(_("archived"), null=True)

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        ordering = ["-id"]
        constraints = [one_per_id("group")]

    def __str__(self) -> str:
        return self.name or self.external_id


LATEST_ACTIVE = [models.F("active_at").desc(nulls_last=True), models.F("id").desc()]


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def unanswered(self) -> "ConversationQuerySet":
        """Return the open conversations in which the customer wrote last."""
        return self.filter(unanswered=True)

    def longest_waiting(self) -> "ConversationQuerySet":
        """Return the unanswered conversations, the longest waiting first."""
        return self.unanswered().order_by(models.F("unanswered_since").asc(nulls_last=True), "id")


class Conversation(ProjectedModel):
    """Messages that a customer exchanges with a shop over one channel."""

    source = models.ForeignKey(
        "webhooks.Source", models.PROTECT, db_index=False, related_name="conversations", verbose_name=_("source")
    )
    subject = models.CharField(_("subject"), max_length=200)
    account = models.CharField(_("account"), max_length=200, help_text=_("The InstaLeap client or tawk.to property."))
    account_name = models.CharField(_("account name"), max_length=200)
    channel = models.CharField(_("channel"), max_length=50)
    channel_name = models.CharField(_("channel name"), max_length=200)
    country = models.CharField(_("country"), max_length=100)
    status = models.CharField(_("status"), max_length=50)
    agent = models.CharField(_("agent"), max_length=200)
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, related_name="conversations", verbose_name=_("contact")
    )
    group = models.ForeignKey(Group, models.SET_NULL, null=True, related_name="+", verbose_name=_("group"))
    job_id = models.CharField(_("job id"), max_length=200)
    is_read = models.BooleanField(_("read"), null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    archived_at = models.DateTimeField(_("archived"), null=True)

    # Summaries of its messages (chat.fold).
    message_count = models.PositiveIntegerField(_("messages"), default=0)
    last_text = models.TextField(_("last message"), default="")
    active_at = models.DateTimeField(_("last active"), null=True)
    unanswered = models.BooleanField(_("unanswered"), default=False, help_text=_("The customer wrote last."))
    # Where `unanswered`: the time of the customer's first message after the last one to the customer.
    unanswered_since = models.DateTimeField(_("unanswered since"), null=True)

    # It overrides the manager of the abstract model, which is typed with Model.
    objects = ConversationQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = [models.F("active_at").desc(nulls_last=True), "-id"]
        default_permissions = EXPORTABLE
        constraints = [one_per_id("conversation")]
        indexes = [
            # The admin's list, in its order, with its filters.
            models.Index(*LATEST_ACTIVE, name="conversation_list"),
            models.Index("source", *LATEST_ACTIVE, name="conversation_source"),
            models.Index("channel", *LATEST_ACTIVE, name="conversation_channel"),
            models.Index("status", *LATEST_ACTIVE, name="conversation_status"),
            models.Index("job_id", *LATEST_ACTIVE, name="conversation_job"),
            models.Index(*LATEST_ACTIVE, condition=~models.Q(job_id=""), name="conversation_with_job"),
            models.Index(*LATEST_ACTIVE, condition=models.Q(unanswered=True), name="conversation_unanswered"),
            # The longest waiting, on the dashboard and in the list.
            models.Index(
                fields=["unanswered_since", "id"], condition=models.Q(unanswered=True), name="conversation_waiting"
            ),
        ]

    def __str__(self) -> str:
        if self.subject:
            return self.subject
        if self.contact:
            return str(self.contact)
        return gettext("Job {id}").format(id=self.job_id) if self.job_id else gettext("Conversation")


class Message(ProjectedModel):
    """A message of a conversation; the fields of a deleted one stay."""

    class Direction(models.TextChoices):
        IN = "in", _("From the customer")
        OUT = "out", _("To the customer")

    # Null where only the deletion of the message was received.
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, null=True, related_name="messages", verbose_name=_("conversation")
    )
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+", verbose_name=_("contact"))
    sender = models.CharField(_("sender"), max_length=200)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction)
    kind = models.CharField(_("kind"), max_length=20)
    text = models.TextField(_("text"))
    quoted_id = models.CharField(_("quoted message"), max_length=200)
    sent_at = models.DateTimeField(_("sent"), null=True)
    read_at = models.DateTimeField(_("read"), null=True)
    reactions = models.JSONField(_("reactions"), null=True)
    # [[position, text]], the last of them the current one; empty while the text was never edited.
    versions = models.JSONField(default=list)
    search_text = models.TextField()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = [models.F("sent_at").asc(nulls_last=True), "id"]
        default_permissions = EXPORTABLE
        constraints = [one_per_id("message")]
        indexes = [
            # A conversation's page, which reads from any message; the order of the keys would be that of their arrival.
            models.Index(fields=["conversation", "sent_at", "external_id"], name="message_thread"),
            models.Index(models.F("sent_at").desc(nulls_last=True), models.F("id").desc(), name="message_list"),
            models.Index(
                "source", models.F("sent_at").desc(nulls_last=True), models.F("id").desc(), name="message_source"
            ),
            GinIndex(SearchVector("search_text", config="simple"), name="message_text"),
        ]

    def __str__(self) -> str:
        return self.text[:80] or self.kind

    def get_thread_url(self) -> str:
        """Return the URL that shows the message in its conversation."""
        page = reverse("admin:chat_conversation_change", args=[self.conversation_id])
        return f"{page}?message={self.pk}#message-{self.pk}"


class Attachment(ProjectedModel):
    """A file of a message, which stays at its provider."""

    message = models.ForeignKey(
        Message, models.CASCADE, null=True, related_name="attachments", verbose_name=_("message")
    )
    name = models.TextField(_("name"))
    url = models.TextField(_("address"))
    content_type = models.CharField(_("content type"), max_length=100)
    size = models.BigIntegerField(_("size"), null=True, help_text=_("Bytes."))
    created_at = models.DateTimeField(_("created"), null=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["id"]
        constraints = [one_per_id("attachment")]

    def __str__(self) -> str:
        return self.name or self.url or self.external_id


class Ticket(ProjectedModel):
    """A request that a customer wrote outside of a conversation."""

    number = models.CharField(_("number"), max_length=50)
    subject = models.CharField(_("subject"), max_length=500)
    text = models.TextField(_("text"))
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="tickets", verbose_name=_("contact"))
    account = models.CharField(_("account"), max_length=200)
    account_name = models.CharField(_("account name"), max_length=200)
    opened_at = models.DateTimeField(_("opened"), null=True)

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        ordering = [models.F("opened_at").desc(nulls_last=True), "-id"]
        constraints = [one_per_id("ticket")]
        indexes = [models.Index(models.F("opened_at").desc(nulls_last=True), models.F("id").desc(), name="ticket_list")]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}".strip() if self.number else self.subject or self.external_id


class CampaignReport(ProjectedModel):
    """The end of a campaign's sending, with the address of the provider's list of recipients."""

    text = models.TextField(_("text"))
    url = models.TextField(_("address of the report"))
    conversation_id = models.CharField(_("conversation id"), max_length=200)
    firm_id = models.CharField(_("firm id"), max_length=200)

    class Meta:
        verbose_name = _("campaign report")
        verbose_name_plural = _("campaign reports")
        ordering = ["-id"]
        constraints = [one_per_id("campaign_report")]

    def __str__(self) -> str:
        return self.text or gettext("Campaign report")


class SharedAddress(models.Model):
    """An e-mail or phone that many people use, such as that of a store's counter, so that it identifies nobody."""

    value = models.CharField(_("e-mail or phone"), max_length=254, unique=True, help_text=_("In any format."))
    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("Who uses it."))

    class Meta:
        verbose_name = _("shared address")
        verbose_name_plural = _("shared addresses")
        ordering = ["value"]

    def __str__(self) -> str:
        return self.value

    def clean(self) -> None:
        normalised = normalize.email(self.value) if "@" in self.value else normalize.e164(self.value)
        if not normalised:
            raise ValidationError({"value": gettext("Enter a valid e-mail address or phone number.")})
        self.value = normalised
