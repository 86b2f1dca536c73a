"""The API of jobs for other programs of the retailer: read-only, for users with permission to view jobs."""

from typing import Any

from django.db import models
from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.viewsets import ReadOnlyModelViewSet

from orders import search
from orders.models import Job, JobItem, JobQuerySet, Package, Resource, Step, Task, TimelineEntry


class UnboundedDecimalField(serializers.DecimalField):
    """A number of any size, as text with the digits that the provider wrote."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": None, "decimal_places": None} | kwargs)


class Serializer(serializers.ModelSerializer[Any]):
    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        models.DecimalField: UnboundedDecimalField
    }


class ResourceSerializer(Serializer):
    class Meta:
        model = Resource
        fields = [
            "provider",
            "client_id",
            "external_id",
            "first_name",
            "last_name",
            "phone_number",
            "email",
            "photo_url",
            "vehicle_label",
            "latitude",
            "longitude",
            "last_update_position",
        ]


class StepSerializer(Serializer):
    class Meta:
        model = Step
        fields = [
            "external_id",
            "removed",
            "type",
            "status",
            "optimal_start",
            "optimal_end",
            "actual_start",
            "actual_end",
        ]


class TaskSerializer(Serializer):
    steps = StepSerializer(many=True)
    resource = ResourceSerializer()

    class Meta:
        model = Task
        fields = ["steps", "resource", "external_id", "removed", "type", "status"]


class JobItemSerializer(Serializer):
    class Meta:
        model = JobItem
        fields = [
            "external_id",
            "occurrence",
            "removed",
            "name",
            "status",
            "quantity",
            "found_quantity",
            "unit",
            "sub_quantity",
            "sub_unit",
            "price",
            "weight",
            "volume",
            "is_substitute",
            "added_by",
            "replacement_mode",
            "replacements",
            "replacing_to",
            "photo_url",
            "comment",
            "barcodes",
            "scanned_barcode",
            "package_name",
            "package_reference",
            "attributes",
        ]


class PackageSerializer(Serializer):
    class Meta:
        model = Package
        fields = ["external_id", "removed", "name", "reference", "items"]


class TimelineEntrySerializer(Serializer):
    class Meta:
        model = TimelineEntry
        fields = ["external_id", "type", "occurred_at", "changes"]


class JobSummarySerializer(Serializer):
    is_late = serializers.BooleanField(read_only=True)

    class Meta:
        model = Job
        fields = [
            "id",
            "provider",
            "client_id",
            "external_id",
            "client_reference",
            "status",
            "operational_model",
            "source",
            "cancellation_source",
            "job_comment",
            "delivery_code",
            "payment_method",
            "payment_status",
            "payment_value",
            "declared_value",
            "currency_code",
            "slot_from",
            "slot_to",
            "store_name",
            "store_reference",
            "recipient_name",
            "recipient_email",
            "recipient_phone_number",
            "created_at",
            "first_event_at",
            "last_event_at",
            "last_event_type",
            "ended_at",
            "is_late",
            "missing_items",
        ]


class JobSerializer(JobSummarySerializer):
    items = JobItemSerializer(many=True)
    packages = PackageSerializer(many=True)
    tasks = TaskSerializer(many=True)
    timeline = TimelineEntrySerializer(many=True)

    class Meta(JobSummarySerializer.Meta):
        fields = [*JobSummarySerializer.Meta.fields, "items", "packages", "tasks", "timeline"]


class NewestFirst(CursorPagination):
    ordering = ("-last_event_at", "-id")


class JobViewSet(ReadOnlyModelViewSet[Job]):
    """`?search=` finds jobs as the admin does: of many matches, the newest."""

    queryset = Job.objects.all()
    pagination_class = NewestFirst

    def get_queryset(self) -> JobQuerySet:
        if self.action == "list":
            return search.filter_jobs(self.queryset.defer("snapshot"), self.request.query_params.get("search", ""))
        return self.queryset.prefetch_related("items", "packages", "tasks__steps", "tasks__resource", "timeline")

    def get_serializer_class(self) -> type[Serializer]:
        return JobSummarySerializer if self.action == "list" else JobSerializer
