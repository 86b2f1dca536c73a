"""Jobs for other programs of the retailer's: read-only, for users who may view jobs."""

from django.db import models
from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.viewsets import ReadOnlyModelViewSet

from orders import search
from orders.models import Job, JobItem, Package, Resource, Step, Task, TimelineEntry


class AnyDecimal(serializers.DecimalField):
    """A number of any size, as text with the digits that the provider wrote."""

    def __init__(self, **kwargs):
        super().__init__(**{"max_digits": None, "decimal_places": None} | kwargs)


class Serializer(serializers.ModelSerializer):
    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {models.DecimalField: AnyDecimal}


class ResourceSerializer(Serializer):
    class Meta:
        model = Resource
        exclude = ["id", "position"]


class StepSerializer(Serializer):
    class Meta:
        model = Step
        exclude = ["id", "task", "occurrence", "order"]


class TaskSerializer(Serializer):
    steps = StepSerializer(many=True)
    resource = ResourceSerializer()

    class Meta:
        model = Task
        exclude = ["id", "job", "occurrence", "order"]


class JobItemSerializer(Serializer):
    class Meta:
        model = JobItem
        exclude = ["id", "job", "order"]


class PackageSerializer(Serializer):
    class Meta:
        model = Package
        exclude = ["id", "job", "occurrence", "order"]


class TimelineEntrySerializer(Serializer):
    class Meta:
        model = TimelineEntry
        fields = ["external_id", "type", "occurred_at", "changes"]


class JobSummarySerializer(Serializer):
    class Meta:
        model = Job
        exclude = ["snapshot", "position", "search_name", "search_email", "search_phone", "e164", "received_through"]


class JobSerializer(JobSummarySerializer):
    items = JobItemSerializer(many=True)
    packages = PackageSerializer(many=True)
    tasks = TaskSerializer(many=True)
    timeline = TimelineEntrySerializer(many=True)


class NewestFirst(CursorPagination):
    ordering = ("-last_event_at", "-id")


class JobViewSet(ReadOnlyModelViewSet):
    """`?search=` finds jobs as the admin does: of many that fit, the newest."""

    queryset = Job.objects.all()
    pagination_class = NewestFirst

    def get_queryset(self):
        if self.action == "list":
            return search.jobs(self.queryset.defer("snapshot"), self.request.query_params.get("search", ""))
        return self.queryset.prefetch_related("items", "packages", "tasks__steps", "tasks__resource", "timeline")

    def get_serializer_class(self):
        return JobSummarySerializer if self.action == "list" else JobSerializer
