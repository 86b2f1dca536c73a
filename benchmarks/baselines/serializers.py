"""A job event, field by field, as one writes it from the provider's page."""

from rest_framework import serializers


def text():
    return serializers.CharField(required=False, allow_null=True, allow_blank=True)


def number():
    return serializers.FloatField(required=False, allow_null=True)


class Moment(serializers.DateTimeField):
    """They write "" for a time that is not there."""

    def to_internal_value(self, value):
        return super().to_internal_value(value) if value else None


def moment():
    return Moment(required=False, allow_null=True)


class Slot(serializers.Serializer):
    id = text()
    to = moment()
    expires_at = moment()

    def get_fields(self):
        return super().get_fields() | {"from": moment()}


class Recipient(serializers.Serializer):
    name = text()
    email = text()
    phone_number = text()
    identification = serializers.JSONField(required=False, allow_null=True)


class Place(serializers.Serializer):
    name = text()
    address = text()
    address_two = text()
    description = text()
    country = text()
    city = text()
    state = text()
    zip_code = text()
    latitude = number()
    longitude = number()
    store_reference = text()


class Item(serializers.Serializer):
    id = serializers.CharField()
    name = text()
    status = text()
    replacements = serializers.ListField(required=False, allow_null=True)
    is_substitute = serializers.BooleanField(required=False)
    added_by = text()
    photo_url = text()
    found_quantity = number()
    comment = text()
    barcodes = serializers.ListField(required=False, allow_null=True)
    package_name = text()
    package_reference = text()
    scanned_barcode = text()
    replacement_mode = text()
    replacing_to = serializers.ListField(required=False, allow_null=True)
    attributes = serializers.JSONField(required=False, allow_null=True)
    quantity = number()
    sub_quantity = number()
    unit = text()
    sub_unit = text()
    price = number()
    weight = number()
    volume = number()


class Package(serializers.Serializer):
    id = serializers.CharField()
    name = text()
    reference = text()
    items = serializers.ListField(required=False, allow_null=True)


class Vehicle(serializers.Serializer):
    label = text()


class Position(serializers.Serializer):
    latitude = number()
    longitude = number()


class Resource(serializers.Serializer):
    id = serializers.CharField()
    first_name = text()
    last_name = text()
    phone_number = text()
    email = text()
    photo_url = text()
    vehicle = Vehicle(required=False, allow_null=True)
    position = Position(required=False, allow_null=True)
    last_update_position = moment()


class Step(serializers.Serializer):
    id = serializers.CharField()
    type = text()
    status = text()
    optimal_start = moment()
    optimal_end = moment()
    actual_start = moment()
    actual_end = moment()


class Task(serializers.Serializer):
    id = serializers.CharField()
    type = text()
    status = text()
    resource = Resource(required=False, allow_null=True)
    steps = Step(many=True, required=False)


class Job(serializers.Serializer):
    id = serializers.CharField()
    status = text()
    source = text()
    cancellation_source = text()
    client_reference = text()
    declared_value = number()
    payment_value = number()
    payment_method = text()
    operational_model = text()
    external_data = serializers.JSONField(required=False, allow_null=True)
    slot = Slot(required=False, allow_null=True)
    recipient = Recipient(required=False, allow_null=True)
    origin = Place(required=False, allow_null=True)
    destination = Place(required=False, allow_null=True)
    job_items = Item(many=True, required=False)
    packages = Package(many=True, required=False)
    payment_info = serializers.JSONField(required=False, allow_null=True)
    volume = number()
    weight = number()
    tasks = Task(many=True, required=False)
    delivery_code = text()
    job_comment = text()


class Event(serializers.Serializer):
    id = serializers.CharField(max_length=200)
    created_at = serializers.DateTimeField()
    type = serializers.CharField(max_length=100)
    client_id = serializers.CharField(max_length=200)
    job = Job()
