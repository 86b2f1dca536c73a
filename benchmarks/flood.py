"""What a flood of refused requests costs the honest ones.

Beside as many clients that ask for nothing (GET /health/live, which costs what any request costs), and beside none.
"""

import statistics

from benchmarks.load import Sender, request
from tests import payloads
from webhooks.providers import registry

ROUNDS = 5
SECONDS = 4
HONEST, FLOOD = 8, 8  # connections
_COUNTS = (
    "from django.db.models import Sum; from webhooks.models import *;"
    "print(Rejection.objects.count(), RefusalCount.objects.aggregate(n=Sum('count'))['n'])"
)


def run(running):
    """Print the honest rate beside each flood; `running` is the product, running (tests.running.Running)."""
    running.manage("add_source", "instaleap", "--slug=flooded", "--secret-stdin", input=payloads.SECRET)
    path = "/webhooks/flooded/"
    # Of a type that nothing reads, so that the worker, which shares the machine, has nothing to do.
    bodies = (payloads.dump(payloads.sample(id=f"bench-{number}", type="BENCH")) for number in range(20_000))
    json = {"Content-Type": "application/json"}
    honest = [
        request("POST", path, body, json | registry()["instaleap"].sign(payloads.SECRET, body)) for body in bodies
    ]
    wrong = request("POST", path, payloads.body(payloads.SAMPLE), json | {"InstaLeap-Signature": "0" * 64})
    floods = {"nothing": None, "requests for nothing": request("GET", "/health/live"), "forged events": wrong}
    rates = {name: [] for name in floods}
    refused = 0
    for round in range(ROUNDS):
        for number, (name, flood) in enumerate(floods.items()):
            others = flood and Sender(running.port, [flood], connections=FLOOD, seconds=SECONDS)
            mine = honest[(round * len(floods) + number) * 1300 :]
            load = Sender(running.port, mine, connections=HONEST, seconds=SECONDS).result()
            if set(load.statuses) != {200}:
                raise SystemExit(f"Honest events were answered {dict(load.statuses)}")
            rates[name].append(load.rate)
            if others:
                refused += others.result().statuses[401]
    print(f"{HONEST} honest clients, {len(bytes(honest[0]))} bytes an event; medians of {ROUNDS} rounds of {SECONDS} s")
    alone = statistics.median(rates["nothing"])
    for name, values in rates.items():
        median = statistics.median(values)
        print(f"  beside {name:<22} {median:7.0f} events a second  {median / alone:.2f}")
    ratio = statistics.median(rates["forged events"]) / statistics.median(rates["requests for nothing"])
    rows, counted = running.manage("shell", "-v0", "-c", _COUNTS).split()
    print(f"  forged events cost {ratio:.2f} of the rate that as many requests for nothing leave")
    print(f"  of {refused} refused, {rows} were kept and {counted} were counted")
