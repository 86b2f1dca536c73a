"""InstaLeap: each event of a job brings the whole job as it then was; a chat message to its customer comes alone.

No signature of its covers all that it sends. Whoever holds one signed job event can send another job under its id: such
a second body is kept as a conflict and never applied by itself.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as N_

from webhooks.payloads import parsing
from webhooks.providers.base import EventType, Provider
from webhooks.providers.instaleap.chat import read_chat
from webhooks.providers.instaleap.jobs import EVENT_TYPES, JOB, read_job
from webhooks.providers.signatures import Signature, fields

CHAT = "chat"


class InstaLeap(Provider):
    name = "InstaLeap"
    auth_modes = ("signature", "static_token", "dynamic_token")
    signatures = (
        Signature(
            header="InstaLeap-Signature",
            algorithm="sha256",
            signed_content=N_("id, created_at and type; not the job"),
            messages=fields("id", "created_at", "type"),
            kinds=(JOB, ""),
        ),
        Signature(
            header="InstaLeap-Signature-V3",
            algorithm="sha256",
            signed_content=N_("the timestamp, client_id, sender and job_id; not the message"),
            value="t={timestamp},v3={hex}",
            messages=fields("timestamp", "client_id", "sender", "job_id"),
            kinds=(CHAT,),
        ),
        Signature(
            header="InstaLeap-Signature",
            algorithm="sha256",
            signed_content=N_("created_at; neither the job, the sender nor the message"),
            # A chat message has no id and no type; JavaScript may write a missing value in two ways.
            messages=fields("id", "created_at", "type", absent=("", "undefined")),
            kinds=(CHAT,),
        ),
    )
    identity = "id"
    event_types = EVENT_TYPES | {CHAT: EventType(_("Chat message"), "job_id", read_chat, _("Chat"), kind=CHAT)}
    story_options = {
        "chat": "the shopper and the driver write to the customer",
        "replacements": "something is replaced",
        "missing": "something is not found",
        "reset": "a task is reset and done again",
        "cancelled": "it is cancelled on the way",
        "rescheduled": "it is moved to another slot",
    }
    story_choices = {
        "operational_model": (
            "FULL_SERVICE",
            "PICK_AND_COLLECT",
            "PICK_AND_COLLECT_NO_TRANSFER",
            "PICK_AND_DELIVERY",
            "PICK_AND_DELIVERY_WITH_STORAGE",
            "PICK_AND_DELIVERY_WITH_STORAGE_NO_TRANSFER",
        )
    }

    def type_of(self, payload: Any) -> str:
        return CHAT if _is_chat(payload) else super().type_of(payload)

    def event_type(self, payload: Any) -> EventType | None:
        """A type that is not known still brings a job, and is called as it comes."""
        if _is_job(payload):
            type = self.type_of(payload)
            return EVENT_TYPES.get(type) or EventType(type, "job.id", read_job, _("Unknown"), kind=JOB)
        return self.event_types[CHAT] if _is_chat(payload) else None

    def simulate(self, **options: Any) -> list[dict[str, Any]]:
        # Only `manage.py play` and the tests need it, no web process.
        from webhooks.providers.instaleap import simulator

        # A story that is played for people has its chat, unless they say otherwise.
        given = {option: value for option, value in options.items() if value is not None}
        return simulator.simulate_job(**{"chat": True} | given)


def _is_job(payload: Any) -> bool:
    return isinstance(parsing.at(payload, "job"), dict)


def _is_chat(payload: Any) -> bool:
    return isinstance(payload, dict) and "notification_message" in payload and not _is_job(payload)


provider = InstaLeap()
