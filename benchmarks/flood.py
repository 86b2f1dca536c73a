"""The cost of a flood of rejected requests for valid ones.

It is compared with as many clients that request GET /health/live, which has the cost of any request, and with none.
"""

import statistics
from itertools import islice

from django.db.models import Sum

from benchmarks import stories
from benchmarks.load import Sender, request
from benchmarks.processes import web_server
from tests import payloads
from webhooks.models import RefusalCount, Rejection

ROUNDS = 5
SECONDS = 4
HONEST, FLOOD = 8, 8  # connections
MOST = 12_000  # honest requests a round, of which none comes twice


def run():
    """Print the rate of valid events during each flood."""
    stories.source("flooded")
    path = "/webhooks/flooded/"
    honest = stories.posts(path, stories.lives(50))
    proof = {"Content-Type": "application/json", "InstaLeap-Signature": "0" * 64}
    wrong = request("POST", path, payloads.body(payloads.SAMPLE), proof)
    floods = {"nothing": None, "requests for nothing": request("GET", "/health/live"), "forged events": wrong}
    rates: dict[str, list[float]] = {name: [] for name in floods}
    refused = 0
    with web_server() as port:
        for _ in range(ROUNDS):
            for name, flood in floods.items():
                mine = list(islice(honest, MOST))
                others = flood and Sender(port, [flood], connections=FLOOD, seconds=SECONDS)
                load = Sender(port, mine, connections=HONEST, seconds=SECONDS).result()
                if set(load.statuses) != {200}:
                    raise SystemExit(f"Honest events were answered {dict(load.statuses)}")
                rates[name].append(load.rate)
                if others:
                    refused += others.result().statuses[401]
    print(f"{HONEST} honest clients; medians of {ROUNDS} rounds of {SECONDS} s")
    alone = statistics.median(rates["nothing"])
    for name, values in rates.items():
        median = statistics.median(values)
        print(f"  during {name:<22} {median:7.0f} events a second  {median / alone:.2f}")
    ratio = statistics.median(rates["forged events"]) / statistics.median(rates["requests for nothing"])
    counted = RefusalCount.objects.aggregate(sum=Sum("count"))["sum"]
    print(f"  forged events cost {ratio:.2f} of the rate that as many requests for nothing leave")
    print(f"  of {refused} refused, {Rejection.objects.count()} were kept and {counted} were counted")
