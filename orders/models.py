"""Jobs and their items, packages, tasks, steps and history: rows that the fold of stored events can rebuild."""

from collections.abc import Callable
from datetime import timedelta
from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.accounts.permissions import EXPORTABLE
from console.search import normalize
from orders.lateness import FINAL_STATUSES, LATE_FROM, late_by
from webhooks import providers
from webhooks.providers.base import EventType


class JobQuerySet(models.QuerySet["Job"]):
    def under_way(self) -> Self:
        """Return the jobs that are not over."""
        return self.exclude(status__in=FINAL_STATUSES)

    def late_now(self) -> Self:
        """Return the jobs under way that are late (orders.lateness)."""
        return self.under_way().filter(slot_to__lte=timezone.now() - LATE_FROM)

    def with_lateness(self) -> Self:
        """Add `late` to each job: what Job.is_late answers, for queries that read columns only."""
        is_late = models.Q(status="FINISHED", finished_at__gte=models.F("slot_to") + LATE_FROM) | (
            ~models.Q(status__in=FINAL_STATUSES) & models.Q(slot_to__lte=timezone.now() - LATE_FROM)
        )
        return self.annotate(late=models.Case(models.When(is_late, then=True), default=False))


class Job(models.Model):
    """A job after its latest event: `snapshot` has all its fields, the columns those that lists and searches use."""

    provider = models.CharField(max_length=50)
    client_id = models.CharField(_("client"), max_length=200)
    external_id = models.CharField(_("job id"), max_length=200)
    received_through = models.ForeignKey("webhooks.Source", models.PROTECT, related_name="+")
    client_reference = models.CharField(_("reference"), max_length=200)
    status = models.CharField(max_length=50)
    operational_model = models.CharField(max_length=100)
    source = models.CharField(max_length=100)
    cancellation_source = models.CharField(max_length=50)
    job_comment = models.TextField(_("comment"))
    delivery_code = models.CharField(max_length=50)
    payment_method = models.CharField(max_length=50)
    payment_status = models.CharField(max_length=50)
    payment_value = models.DecimalField(null=True)
    declared_value = models.DecimalField(null=True)
    currency_code = models.CharField(_("currency"), max_length=10)
    slot_from = models.DateTimeField(null=True)
    slot_to = models.DateTimeField(null=True)
    store_name = models.CharField(_("store"), max_length=200)
    store_reference = models.CharField(max_length=100)
    recipient_name = models.CharField(_("customer"), max_length=200)
    recipient_email = models.CharField(_("e-mail"), max_length=254)
    recipient_phone_number = models.CharField(_("phone"), max_length=50)
    created_at = models.DateTimeField(null=True)
    first_event_at = models.DateTimeField()
    last_event_at = models.DateTimeField(_("last event"))
    last_event_type = models.CharField(max_length=100)
    # Derived from the snapshot and the status changes, for lists (orders.fold).
    ended_at = models.DateTimeField("ended", null=True, help_text="When it reached its final status.")
    finished_at = models.DateTimeField(
        null=True, help_text="For a finished job: when its last step, or else its last event, ended."
    )
    missing_items = models.PositiveIntegerField(help_text="Items that were not found.")
    position = models.CharField(max_length=300, help_text="The sort key of its last event (JobEvent.sort_key).")
    snapshot = models.JSONField(help_text="All fields of all its events, merged in their order.")

    # Normalized for searches (SEARCH_COLUMNS below, orders.search).
    search_name = models.CharField(max_length=200)
    search_email = models.CharField(max_length=254)
    phone_digits_reversed = models.CharField(max_length=50, help_text="The digits of its phone, reversed.")
    e164 = models.CharField("phone in E.164", max_length=20)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-last_event_at", "-id"]
        default_permissions = EXPORTABLE
        constraints = [models.UniqueConstraint(fields=["provider", "client_id", "external_id"], name="one_job_per_id")]
        indexes = [
            # The jobs under way, and those of them that are late: few, however many jobs there are.
            models.Index(
                fields=["slot_to", "id"], condition=~models.Q(status__in=FINAL_STATUSES), name="job_under_way"
            ),
            # The admin's list in its order, with its filters.
            models.Index(fields=["-last_event_at", "-id"], name="job_list"),
            models.Index(fields=["status", "-last_event_at", "-id"], name="job_status"),
            models.Index(fields=["operational_model", "-last_event_at", "-id"], name="job_model"),
            models.Index(fields=["store_name", "-last_event_at", "-id"], name="job_store"),
            models.Index(fields=["store_name", "status", "-last_event_at", "-id"], name="job_store_status"),
            models.Index(fields=["slot_from", "id"], name="job_slot"),
            models.Index(fields=["ended_at"], condition=models.Q(ended_at__isnull=False), name="job_ended"),
            models.Index(
                fields=["-last_event_at", "-id"], condition=models.Q(missing_items__gt=0), name="job_missing_items"
            ),
            # The same for a day, so that a query does not read all jobs that ever missed an item.
            models.Index(fields=["slot_from"], condition=models.Q(missing_items__gt=0), name="job_missing_of_slot"),
            # Searches: a prefix match needs the operator class that compares bytes.
            models.Index(fields=["client_reference"], name="job_reference", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["external_id"], name="job_external_id", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["delivery_code"], name="job_delivery_code"),
            models.Index(fields=["search_email"], name="job_email", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["phone_digits_reversed"], name="job_phone", opclasses=["varchar_pattern_ops"]),
            GinIndex(SearchVector("search_name", config="simple"), name="job_name"),
            # Matching with conversations (chat.customer_matching).
            models.Index(fields=["e164"], name="job_e164"),
        ]

    def __str__(self) -> str:
        return self.client_reference or self.external_id

    def get_admin_url(self) -> str:
        return reverse("admin:orders_job_change", args=[self.pk])

    def late_by(self) -> timedelta | None:
        """Return how late the job is now, or was when it finished (orders.lateness)."""
        return late_by(self.status, self.slot_to, self.finished_at, timezone.now())

    @property
    def is_late(self) -> bool:
        return self.late_by() is not None


# By column for searches: the column that it normalizes, and how.
SEARCH_COLUMNS: dict[str, tuple[str, Callable[[str], str]]] = {
    "search_name": ("recipient_name", normalize.name),
    "search_email": ("recipient_email", normalize.email),
    "phone_digits_reversed": ("recipient_phone_number", normalize.reversed_digits),
    "e164": ("recipient_phone_number", normalize.e164),
}


class Resource(models.Model):
    """A picker or driver, as the newest event that names them describes them."""

    provider = models.CharField(max_length=50)
    client_id = models.CharField("client", max_length=200)
    external_id = models.CharField("resource id", max_length=200)
    first_name = models.CharField(max_length=200)
    last_name = models.CharField(max_length=200)
    phone_number = models.CharField("phone", max_length=50)
    email = models.CharField("e-mail", max_length=254)
    photo_url = models.TextField("photo")
    vehicle_label = models.CharField("vehicle", max_length=100)
    latitude = models.DecimalField(null=True)
    longitude = models.DecimalField(null=True)
    last_update_position = models.DateTimeField(null=True)
    # The collation "C" compares as Python does, so that two workers agree on which event is the newest.
    position = models.CharField(max_length=300, db_collation="C")

    objects = models.Manager["Resource"]()  # django-stubs does not infer this type

    class Meta:
        ordering = ["first_name", "last_name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "client_id", "external_id"], name="one_resource_per_id")
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.external_id


class JobPart(models.Model):
    """A member of one of a job's lists, identified by its id and, as an id may repeat in a list, its occurrence."""

    external_id = models.CharField("id", max_length=200)
    occurrence = models.PositiveSmallIntegerField(help_text="0 for the first of this id in its list.")
    order = models.PositiveSmallIntegerField(help_text="Its index in the list.")
    removed = models.BooleanField(help_text="A later event no longer contains it.")

    class Meta:
        abstract = True
        ordering = ["order", "id"]


class JobItem(JobPart):
    job = models.ForeignKey(Job, models.CASCADE, related_name="items")
    name = models.TextField()
    status = models.CharField(max_length=50)
    quantity = models.DecimalField("ordered", null=True)
    found_quantity = models.DecimalField("found", null=True)
    unit = models.CharField(max_length=20)
    sub_quantity = models.DecimalField(null=True)
    sub_unit = models.CharField(max_length=20)
    price = models.DecimalField(null=True)
    weight = models.DecimalField(null=True)
    volume = models.DecimalField(null=True)
    is_substitute = models.BooleanField()
    added_by = models.CharField(max_length=50)
    replacement_mode = models.CharField(max_length=50)
    replacements = models.JSONField(null=True, help_text="Ids of the items that replace it.")
    replacing_to = models.JSONField(null=True, help_text="Ids of the items that it replaces.")
    photo_url = models.TextField("photo")
    comment = models.TextField()
    barcodes = models.JSONField(null=True)
    scanned_barcode = models.CharField(max_length=100)
    package_name = models.CharField(max_length=200)
    package_reference = models.CharField(max_length=200)
    attributes = models.JSONField(null=True)

    class Meta(JobPart.Meta):
        constraints = [models.UniqueConstraint(fields=["job", "external_id", "occurrence"], name="one_item_per_id")]

    def __str__(self) -> str:
        return " ".join(self.name.split()) or self.external_id


class Package(JobPart):
    job = models.ForeignKey(Job, models.CASCADE, related_name="packages")
    name = models.CharField(max_length=200)
    reference = models.CharField(max_length=200)
    items = models.JSONField(null=True, help_text="Ids of the items in it.")

    class Meta(JobPart.Meta):
        constraints = [models.UniqueConstraint(fields=["job", "external_id", "occurrence"], name="one_package_per_id")]

    def __str__(self) -> str:
        return self.name or self.external_id


class Task(JobPart):
    job = models.ForeignKey(Job, models.CASCADE, related_name="tasks")
    type = models.CharField(max_length=100)
    status = models.CharField(max_length=50)
    resource = models.ForeignKey(Resource, models.SET_NULL, null=True, related_name="tasks")

    class Meta(JobPart.Meta):
        constraints = [models.UniqueConstraint(fields=["job", "external_id", "occurrence"], name="one_task_per_id")]

    def __str__(self) -> str:
        return self.type


class Step(JobPart):
    task = models.ForeignKey(Task, models.CASCADE, related_name="steps")
    type = models.CharField(max_length=100)
    status = models.CharField(max_length=50)
    optimal_start = models.DateTimeField(null=True)
    optimal_end = models.DateTimeField(null=True)
    actual_start = models.DateTimeField(null=True)
    actual_end = models.DateTimeField(null=True)

    class Meta(JobPart.Meta):
        constraints = [models.UniqueConstraint(fields=["task", "external_id", "occurrence"], name="one_step_per_id")]

    def __str__(self) -> str:
        return self.type


class TimelineEntry(models.Model):
    """One event of a job, with the fields that it changed."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="timeline")
    event = models.ForeignKey("webhooks.Event", models.SET_NULL, null=True, related_name="+")
    external_id = models.CharField("provider's event id", max_length=200)
    type = models.CharField(max_length=100)
    occurred_at = models.DateTimeField()
    position = models.CharField(max_length=300, db_collation="C")
    # [{"kind", "id", "occurrence", "name", "field", "before", "after"}], in the order of the snapshot.
    changes = models.JSONField()

    objects = models.Manager["TimelineEntry"]()  # as above

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["job", "external_id"], name="one_entry_per_event")]
        verbose_name_plural = "timeline entries"

    def __str__(self) -> str:
        return str(self.event_type.label)

    @property
    def event_type(self) -> EventType:
        return providers.registry()[self.job.provider].describe(self.type)


class StatusChange(models.Model):
    """The change of the status of a job, item, task or step by an event."""

    class Kind(models.TextChoices):
        JOB = "job", _("Job")
        ITEM = "item", _("Item")
        TASK = "task", _("Task")
        STEP = "step", _("Step")

    job = models.ForeignKey(Job, models.CASCADE, related_name="status_changes")
    entry = models.ForeignKey(TimelineEntry, models.CASCADE, related_name="status_changes")
    kind = models.CharField(max_length=4, choices=Kind)
    external_id = models.CharField("id", max_length=200)
    occurrence = models.PositiveSmallIntegerField()
    name = models.TextField()
    from_status = models.CharField("from", max_length=50, blank=True)
    to_status = models.CharField("to", max_length=50)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.name}: {self.from_status or '-'} → {self.to_status}"
