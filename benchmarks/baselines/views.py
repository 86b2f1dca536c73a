import hashlib
import hmac
from collections.abc import Sequence

from django.db import transaction
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.baselines.models import TypicalEvent
from benchmarks.baselines.serializers import Event
from benchmarks.baselines.tasks import process
from tests.payloads import SECRET


@csrf_exempt
def nothing(request):
    return HttpResponse()


class Typical(APIView):
    """Verify, validate, store once, enqueue a task; in one transaction, so that neither is there without the other."""

    authentication_classes: Sequence[type[BaseAuthentication]] = ()
    permission_classes: Sequence[type[BasePermission]] = ()

    def post(self, request):
        data = request.data
        signed = f"{data.get('id')}&{data.get('created_at')}&{data.get('type')}"
        expected = hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, request.headers.get("InstaLeap-Signature", "")):
            raise AuthenticationFailed
        serializer = Event(data=data)
        serializer.is_valid(raise_exception=True)
        valid = serializer.validated_data
        with transaction.atomic():
            event, created = TypicalEvent.objects.get_or_create(
                event_id=valid["id"],
                defaults={
                    "type": valid["type"],
                    "client_id": valid["client_id"],
                    "job_id": valid["job"]["id"],
                    "created_at": valid["created_at"],
                    "payload": data,
                },
            )
            if created:
                process.enqueue(event.pk)
        return Response({"status": "accepted" if created else "duplicate"})
