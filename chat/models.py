"""Conversations and their messages, from whichever provider."""

from django.db import models


class Conversation(models.Model):
    source = models.ForeignKey("webhooks.Source", models.PROTECT, related_name="conversations")
    external_id = models.CharField("conversation id", max_length=200)
    subject = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=50, blank=True)
    status = models.CharField(max_length=50, blank=True)
    contact_name = models.CharField("customer", max_length=200, blank=True)
    job = models.ForeignKey("orders.Job", models.SET_NULL, null=True, blank=True, related_name="conversations")
    last_message_at = models.DateTimeField("last message", null=True)

    class Meta:
        ordering = ["-last_message_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="one_conversation_per_id")]
        indexes = [models.Index(fields=["-last_message_at", "-id"], name="conversation_list")]

    def __str__(self):
        return self.subject or self.contact_name or self.external_id


class Message(models.Model):
    class Direction(models.TextChoices):
        IN = "in", "From the customer"
        OUT = "out", "To the customer"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    external_id = models.CharField("message id", max_length=200, blank=True)
    direction = models.CharField(max_length=3, choices=Direction)
    sender = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["sent_at", "id"]
        indexes = [models.Index(fields=["conversation", "sent_at", "id"], name="message_thread")]

    def __str__(self):
        return self.text[:80]
