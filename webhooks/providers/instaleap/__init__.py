"""InstaLeap: each event of a job brings the whole job as it then was.

Its signature covers `id`, `created_at` and `type`, not the job: whoever holds one signed request can send another job
under its id. Such a second body is kept as a conflict and never applied by itself.
"""

from webhooks import payloads
from webhooks.provider import SIGNATURE, EventType, Provider, Signature, fields
from webhooks.providers.instaleap import simulator
from webhooks.providers.instaleap.jobs import EVENT_TYPES, read_job


class InstaLeap(Provider):
    name = "InstaLeap"
    auth_modes = (SIGNATURE,)
    signatures = (
        Signature(
            header="InstaLeap-Signature",
            algorithm="sha256",
            covers="id, created_at and type; not the job",
            messages=fields("id", "created_at", "type"),
        ),
    )
    identity = "id"
    event_types = EVENT_TYPES

    def event_type(self, payload):
        """A type that is not known still brings a job, and is called as it comes."""
        if isinstance(payloads.at(payload, "job"), dict):
            return super().event_type(payload) or EventType(self.type_of(payload), "job.id", read_job, "Unknown")
        return None

    def simulate(self, **options):
        return simulator.simulate_job(**options)


provider = InstaLeap()
