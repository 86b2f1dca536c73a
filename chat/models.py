"""Conversations and what belongs to them, from whichever provider. Everything here is folded from events."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console.accounts.permissions import EXPORTABLE
from console.search import normalize

LONGEST_SEARCHED = 5_000  # characters of a message that are searched


class ProjectedModel(models.Model):
    """Something that a source's events tell of. Its columns are what was told last, field by field."""

    # Each model's own indexes begin with it.
    source = models.ForeignKey(
        "webhooks.Source", models.PROTECT, db_index=False, related_name="+", verbose_name=_("source")
    )
    external_id = models.CharField(_("id"), max_length=200)
    # {field: [position, value]}: what each column stands on, so that a late event changes only what it may.
    field_versions = models.JSONField(default=dict)
    deleted = models.BooleanField(_("deleted"), default=False)
    # No provider says when, or who did it.
    deleted_at = models.DateTimeField(
        _("deletion received"), null=True, help_text=_("When the first event that tells of its deletion came.")
    )
    received_at = models.DateTimeField(
        _("received"), null=True, help_text=_("When the first event that tells of it came.")
    )

    class Meta:
        abstract = True

    def get_admin_url(self):
        return reverse(f"admin:chat_{self._meta.model_name}_change", args=[self.pk])


def one_per_id(name):
    return models.UniqueConstraint(fields=["source", "external_id"], name=f"one_{name}_per_id")


class Contact(ProjectedModel):
    """Somebody who writes, as one source knows them."""

    name = models.CharField(_("name"), max_length=200)
    email = models.CharField(_("e-mail"), max_length=254)
    phone_number = models.CharField(_("phone"), max_length=50)
    avatar_url = models.TextField(_("picture"))
    city = models.CharField(_("city"), max_length=100)
    country = models.CharField(_("country"), max_length=100)
    last_active_at = models.DateTimeField(_("last active"), null=True)

    # For search, and to match it with jobs and with contacts of other sources (chat/customer_matching.py).
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
            # The admin's list behind its filter.
            models.Index(fields=["source", "-id"], name="contact_source"),
            models.Index(fields=["search_email"], name="contact_email", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["phone_digits_reversed"], name="contact_phone", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["e164"], name="contact_e164"),
            GinIndex(SearchVector("search_name", config="simple"), name="contact_name"),
        ]

    def __str__(self):
        return " ".join(self.name.split()) or self.email or self.phone_number or gettext("Somebody without a name")


class Group(ProjectedModel):
    """Contacts who write to each other in one conversation."""

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

    def __str__(self):
        return self.name or self.external_id


LATEST_ACTIVE = [models.F("active_at").desc(nulls_last=True), models.F("id").desc()]


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def unanswered(self):
        """Those in which the customer wrote last, and that nobody closed."""
        return self.filter(unanswered=True)

    def longest_waiting(self):
        """Those that wait for an answer, who has waited the longest first."""
        return self.unanswered().order_by(models.F("unanswered_since").asc(nulls_last=True), "id")


class Conversation(ProjectedModel):
    source = models.ForeignKey(
        "webhooks.Source", models.PROTECT, db_index=False, related_name="conversations", verbose_name=_("source")
    )
    subject = models.CharField(_("subject"), max_length=200)
    account = models.CharField(_("account"), max_length=200, help_text=_("InstaLeap's client, tawk.to's property."))
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

    # What its messages add up to (chat.fold).
    message_count = models.PositiveIntegerField(_("messages"), default=0)
    last_text = models.TextField(_("last message"), default="")
    active_at = models.DateTimeField(_("last active"), null=True)
    unanswered = models.BooleanField(_("unanswered"), default=False, help_text=_("The customer wrote last."))
    # Where `unanswered`: the first thing that the customer wrote after what was last written to them.
    unanswered_since = models.DateTimeField(_("unanswered since"), null=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = [models.F("active_at").desc(nulls_last=True), "-id"]
        default_permissions = EXPORTABLE
        constraints = [one_per_id("conversation")]
        indexes = [
            # The admin's list, in its order, behind its filters.
            models.Index(*LATEST_ACTIVE, name="conversation_list"),
            models.Index("source", *LATEST_ACTIVE, name="conversation_source"),
            models.Index("channel", *LATEST_ACTIVE, name="conversation_channel"),
            models.Index("status", *LATEST_ACTIVE, name="conversation_status"),
            models.Index("job_id", *LATEST_ACTIVE, name="conversation_job"),
            models.Index(*LATEST_ACTIVE, condition=~models.Q(job_id=""), name="conversation_with_job"),
            models.Index(*LATEST_ACTIVE, condition=models.Q(unanswered=True), name="conversation_unanswered"),
            # Who has waited the longest, on the dashboard and in the list.
            models.Index(
                fields=["unanswered_since", "id"], condition=models.Q(unanswered=True), name="conversation_waiting"
            ),
        ]

    def __str__(self):
        if self.subject:
            return self.subject
        if self.contact:
            return str(self.contact)
        return gettext("Job {id}").format(id=self.job_id) if self.job_id else gettext("A conversation")


class Message(ProjectedModel):
    class Direction(models.TextChoices):
        IN = "in", _("From the customer")
        OUT = "out", _("To the customer")

    # Null where only its deletion has come.
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, null=True, related_name="messages", verbose_name=_("conversation")
    )
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+", verbose_name=_("contact"))
    sender = models.CharField(_("sender"), max_length=200)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction)
    kind = models.CharField(_("kind"), max_length=20)
    text = models.TextField(_("text"))
    quoted_id = models.CharField(_("quotes"), max_length=200)
    sent_at = models.DateTimeField(_("sent"), null=True)
    read_at = models.DateTimeField(_("read"), null=True)
    reactions = models.JSONField(_("reactions"), null=True)
    # [[position, text]], the last of them the one that stands; empty while there was only one.
    versions = models.JSONField(default=list)
    search_text = models.TextField()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = [models.F("sent_at").asc(nulls_last=True), "id"]
        default_permissions = EXPORTABLE
        constraints = [one_per_id("message")]
        indexes = [
            # A conversation's page, which reads on from any message; an id of ours would say in which order they came.
            models.Index(fields=["conversation", "sent_at", "external_id"], name="message_thread"),
            models.Index(models.F("sent_at").desc(nulls_last=True), models.F("id").desc(), name="message_list"),
            models.Index(
                "source", models.F("sent_at").desc(nulls_last=True), models.F("id").desc(), name="message_source"
            ),
            GinIndex(SearchVector("search_text", config="simple"), name="message_text"),
        ]

    def __str__(self):
        return self.text[:80] or self.kind

    def get_place_url(self):
        """Return where it stands in its conversation."""
        page = reverse("admin:chat_conversation_change", args=[self.conversation_id])
        return f"{page}?message={self.pk}#message-{self.pk}"


class Attachment(ProjectedModel):
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

    def __str__(self):
        return self.name or self.url or self.external_id


class Ticket(ProjectedModel):
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

    def __str__(self):
        return f"#{self.number} {self.subject}".strip() if self.number else self.subject or self.external_id


class CampaignReport(ProjectedModel):
    """That a campaign's messages went out, and where its provider keeps who got them."""

    text = models.TextField(_("text"))
    url = models.TextField(_("address of the report"))
    conversation_id = models.CharField(_("conversation id"), max_length=200)
    firm_id = models.CharField(_("firm id"), max_length=200)

    class Meta:
        verbose_name = _("campaign report")
        verbose_name_plural = _("campaign reports")
        ordering = ["-id"]
        constraints = [one_per_id("campaign_report")]

    def __str__(self):
        return self.text or gettext("Campaign report")


class SharedAddress(models.Model):
    """An e-mail or phone that many people use, as that of a store's counter: it says nothing about who writes."""

    value = models.CharField(_("e-mail or phone"), max_length=254, unique=True, help_text=_("In any spelling."))
    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("Whose it is."))

    class Meta:
        verbose_name = _("shared address")
        verbose_name_plural = _("shared addresses")
        ordering = ["value"]

    def __str__(self):
        return self.value

    def clean(self):
        normalised = normalize.email(self.value) if "@" in self.value else normalize.e164(self.value)
        if not normalised:
            raise ValidationError({"value": gettext("This is neither an e-mail nor a phone number that can be read.")})
        self.value = normalised
