import pytest

from orders import search
from orders.models import Job
from tests import payloads
from webhooks.processing.processor import process_batch

PEOPLE = {
    "A-100": {"name": "José Luis  Núñez", "email": "JL.Nunez@Example.com", "phone_number": "+55 11 91234-5678"},
    "A-200": {"name": "Zoë O'Connor", "email": "zoe@example.com", "phone_number": "+57 (300) 555-0142"},
    "B-300": {"name": "Ana María", "email": "ana@example.com", "phone_number": "5215550142"},
}


@pytest.fixture
def jobs(post):
    for reference, recipient in PEOPLE.items():
        payload = payloads.sample(id=reference, job={"client_reference": reference, "recipient": recipient})
        payload["job"]["id"] = f"job-{reference.lower()}"
        post(payload)
    process_batch(10)


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("A-100", ["A-100"]),
        ("a-100", ["A-100"]),
        ("A-1", ["A-100"]),
        ("job-b", ["B-300"]),
        ("JOB-B-300", ["B-300"]),
        ("+55 11 91234 5678", ["A-100"]),
        ("5550142", ["A-200", "B-300"]),
        ("555-0142", ["A-200", "B-300"]),
        ("300 555 0142", ["A-200"]),
        ("zoe@", ["A-200"]),
        ("jl.nunez@example.com", ["A-100"]),
        ("nunez", ["A-100"]),
        ("  NÚÑ jos ", ["A-100"]),
        ("o'connor", ["A-200"]),
        ("oconnor zoe", ["A-200"]),
        ("mar", ["B-300"]),
        ("nobody", []),
        ("'); DROP TABLE", []),
        ("& | ! :*", []),
        ("%", []),
        ("", ["A-100", "A-200", "B-300"]),
    ],
)
def test_finds(jobs, term, found):
    assert sorted(job.client_reference for job in search.filter_jobs(Job.objects.all(), term)) == found
