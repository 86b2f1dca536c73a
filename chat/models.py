"""Conversations and what belongs to them, from whichever provider. Everything here is folded from events."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from config import terms
from config.permissions import EXPORTABLE

LONGEST_SEARCHED = 5_000  # characters of a message that are searched


class Told(models.Model):
    """Something that a source's events tell of. Its columns are what was told last, field by field."""

    # Each model's own indexes begin with it.
    source = models.ForeignKey("webhooks.Source", models.PROTECT, db_index=False, related_name="+")
    external_id = models.CharField("id", max_length=200)
    # {field: [position, value]}: what each column stands on, so that a late event changes only what it may.
    told = models.JSONField(default=dict)
    deleted = models.BooleanField(default=False)
    received_at = models.DateTimeField("received", null=True, help_text="When the first event that tells of it came.")

    class Meta:
        abstract = True

    def get_admin_url(self):
        return reverse(f"admin:chat_{self._meta.model_name}_change", args=[self.pk])


def one_per_id(name):
    return models.UniqueConstraint(fields=["source", "external_id"], name=f"one_{name}_per_id")


class Contact(Told):
    """Somebody who writes, as one source knows them."""

    name = models.CharField(max_length=200)
    email = models.CharField("e-mail", max_length=254)
    phone_number = models.CharField("phone", max_length=50)
    avatar_url = models.TextField("picture")
    city = models.CharField(max_length=100)
    country = models.CharField(max_length=100)
    last_active_at = models.DateTimeField("last active", null=True)

    # What search finds it by, and what matches it with jobs and with contacts of other sources (chat.customers).
    search_name = models.CharField(max_length=200)
    search_email = models.CharField(max_length=254)
    search_phone = models.CharField(max_length=50, help_text="Its digits, last one first.")
    e164 = models.CharField("phone in E.164", max_length=20)

    class Meta:
        ordering = ["-id"]
        default_permissions = EXPORTABLE
        constraints = [one_per_id("contact")]
        indexes = [
            # The admin's list behind its filter.
            models.Index(fields=["source", "-id"], name="contact_source"),
            models.Index(fields=["search_email"], name="contact_email", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["search_phone"], name="contact_phone", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["e164"], name="contact_e164"),
            GinIndex(SearchVector("search_name", config="simple"), name="contact_name"),
        ]

    def __str__(self):
        return " ".join(self.name.split()) or self.email or self.phone_number or "Somebody without a name"


class Group(Told):
    """Contacts who write to each other in one conversation."""

    name = models.CharField(max_length=200)
    description = models.TextField()
    avatar_url = models.TextField("picture")
    conversation = models.ForeignKey("chat.Conversation", models.SET_NULL, null=True, related_name="+")
    members = models.JSONField(null=True, help_text="Ids of contacts.")
    archived_at = models.DateTimeField("archived", null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [one_per_id("group")]

    def __str__(self):
        return self.name or self.external_id


LATEST_ACTIVE = [models.F("active_at").desc(nulls_last=True), models.F("id").desc()]


class Conversation(Told):
    source = models.ForeignKey("webhooks.Source", models.PROTECT, db_index=False, related_name="conversations")
    subject = models.CharField(max_length=200)
    account = models.CharField(max_length=200, help_text="InstaLeap's client, tawk.to's property.")
    account_name = models.CharField(max_length=200)
    channel = models.CharField(max_length=50)
    channel_name = models.CharField(max_length=200)
    country = models.CharField(max_length=100)
    status = models.CharField(max_length=50)
    agent = models.CharField(max_length=200)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="conversations")
    group = models.ForeignKey(Group, models.SET_NULL, null=True, related_name="+")
    job_id = models.CharField("job id", max_length=200)
    is_read = models.BooleanField("read", null=True)
    started_at = models.DateTimeField("started", null=True)
    ended_at = models.DateTimeField("ended", null=True)
    archived_at = models.DateTimeField("archived", null=True)

    # What its messages add up to (chat.fold).
    message_count = models.PositiveIntegerField("messages", default=0)
    last_text = models.TextField("last message", default="")
    active_at = models.DateTimeField("last active", null=True)
    unanswered = models.BooleanField(default=False, help_text="The customer wrote last.")

    class Meta:
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
        ]

    def __str__(self):
        if self.subject:
            return self.subject
        if self.contact:
            return str(self.contact)
        return f"Job {self.job_id}" if self.job_id else "A conversation"


class Message(Told):
    class Direction(models.TextChoices):
        IN = "in", "From the customer"
        OUT = "out", "To the customer"

    # Null where only its deletion has come.
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True, related_name="messages")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+")
    sender = models.CharField(max_length=200)
    direction = models.CharField(max_length=3, choices=Direction)
    kind = models.CharField(max_length=20)
    text = models.TextField()
    quoted_id = models.CharField("quotes", max_length=200)
    sent_at = models.DateTimeField("sent", null=True)
    read_at = models.DateTimeField("read", null=True)
    reactions = models.JSONField(null=True)
    # [[position, text]], the last of them the one that stands; empty while there was only one.
    versions = models.JSONField(default=list)
    search_text = models.TextField()

    class Meta:
        ordering = [models.F("sent_at").asc(nulls_last=True), "id"]
        default_permissions = EXPORTABLE
        constraints = [one_per_id("message")]
        indexes = [
            models.Index(fields=["conversation", "sent_at", "id"], name="message_thread"),
            models.Index(models.F("sent_at").desc(nulls_last=True), models.F("id").desc(), name="message_list"),
            models.Index(
                "source", models.F("sent_at").desc(nulls_last=True), models.F("id").desc(), name="message_source"
            ),
            GinIndex(SearchVector("search_text", config="simple"), name="message_text"),
        ]

    def __str__(self):
        return self.text[:80] or self.kind


class Attachment(Told):
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="attachments")
    name = models.TextField()
    url = models.TextField("address")
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField(null=True, help_text="Bytes.")
    created_at = models.DateTimeField("created", null=True)

    class Meta:
        ordering = ["id"]
        constraints = [one_per_id("attachment")]

    def __str__(self):
        return self.name or self.url or self.external_id


class Ticket(Told):
    number = models.CharField(max_length=50)
    subject = models.CharField(max_length=500)
    text = models.TextField()
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="tickets")
    account = models.CharField(max_length=200)
    account_name = models.CharField(max_length=200)
    opened_at = models.DateTimeField("opened", null=True)

    class Meta:
        ordering = [models.F("opened_at").desc(nulls_last=True), "-id"]
        constraints = [one_per_id("ticket")]
        indexes = [models.Index(models.F("opened_at").desc(nulls_last=True), models.F("id").desc(), name="ticket_list")]

    def __str__(self):
        return f"#{self.number} {self.subject}".strip() if self.number else self.subject or self.external_id


class CampaignReport(Told):
    """That a campaign's messages went out, and where its provider keeps who got them."""

    text = models.TextField()
    url = models.TextField("address of the report")
    conversation_id = models.CharField("conversation id", max_length=200)
    firm_id = models.CharField("firm id", max_length=200)

    class Meta:
        ordering = ["-id"]
        constraints = [one_per_id("campaign_report")]

    def __str__(self):
        return self.text or "Campaign report"


class SharedAddress(models.Model):
    """An e-mail or phone that many people use, as that of a store's counter: it says nothing about who writes."""

    value = models.CharField("e-mail or phone", max_length=254, unique=True, help_text="In any spelling.")
    note = models.CharField(max_length=200, blank=True, help_text="Whose it is.")

    class Meta:
        ordering = ["value"]
        verbose_name_plural = "shared addresses"

    def __str__(self):
        return self.value

    def clean(self):
        normalised = terms.email(self.value) if "@" in self.value else terms.e164(self.value)
        if not normalised:
            raise ValidationError({"value": "This is neither an e-mail nor a phone number that can be read."})
        self.value = normalised
