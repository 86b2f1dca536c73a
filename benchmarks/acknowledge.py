"""Acknowledged events a second, against a view that does nothing, the receiver people write, and PostgreSQL alone.

The receiver people write is Django REST framework with nested serializers, get_or_create and a task for each event; the
queue is django-tasks' database backend. No worker runs, neither theirs nor ours. PostgreSQL alone is pgbench, which
inserts the same row into the same table.
"""

import re
import statistics
import subprocess
import tempfile
from itertools import islice

from django.db import connection

from benchmarks import stories
from benchmarks.load import Sender
from benchmarks.processes import web_server
from config import embedded_postgres
from webhooks.payloads.compression import compressed

ROUNDS = 9
SECONDS = 2
CLIENTS = 16
MOST = 12_000  # requests a round, of which none comes twice

_INSERT = """
INSERT INTO webhooks_event (
    source_id, type, subject, external_id, dedup_key, body_hash, body, headers, remote_address, occurred_at, secret_id,
    auth_mode, signed_content, error, status
) SELECT {source}, 'ALLOCATED', 'c495056f-5154-4ab7-ab81-55f38b923b36', key::text, uuid_send(key) || uuid_send(key),
    uuid_send(key) || uuid_send(key), :body::bytea, '{headers}', '127.0.0.1', now(), {secret}, 'signature',
    'id, created_at and type; not the job', '', 'pending'
FROM (SELECT gen_random_uuid() AS key OFFSET 0);
"""
_HEADERS = (
    '{"Host": "localhost", "Content-Type": "application/json", "Content-Length": "9000",'
    ' "Instaleap-Signature": "[removed 0123456789ab]"}'
)


def run():
    source = stories.source("acknowledged")
    events = stories.lives(50)
    supplies = {
        "a view that does nothing": stories.posts("/nothing/", events),
        "receiver people write": stories.posts("/typical/", events),
        "Delivery desk": stories.posts("/webhooks/acknowledged/", events),
    }
    rates: dict[str, list[float]] = {name: [] for name in (*supplies, "pgbench, simple", "pgbench, prepared")}
    latencies: dict[str, list[list[float]]] = {name: [] for name in supplies}
    body = next(stories.signed(events))[0]
    with web_server() as port:
        for name, supply in supplies.items():
            _load(name, port, supply)  # warm
        for _ in range(ROUNDS):
            for name, supply in supplies.items():
                load = _load(name, port, supply)
                rates[name].append(load.rate)
                latencies[name].append(statistics.quantiles(load.latencies, n=100))
            for protocol in ("simple", "prepared"):
                rates[f"pgbench, {protocol}"].append(_pgbench(source, body, protocol))
    print(f"{CLIENTS} clients, medians of {ROUNDS} rounds of {SECONDS} s")
    medians = {name: statistics.median(values) for name, values in rates.items()}
    for name, median in medians.items():
        line = f"  {name:<25} {median:6.0f} a second"
        if of_rounds := latencies.get(name):
            p50, p99 = (statistics.median(quantiles[n - 1] * 1000 for quantiles in of_rounds) for n in (50, 99))
            line += f"  p50 {p50:6.1f} ms  p99 {p99:6.1f} ms"
            spread = p99 / p50
        print(line)
    ours = rates["Delivery desk"]
    for name, goal in (
        ("a view that does nothing", ""),
        ("receiver people write", " (goal: 6)"),
        ("pgbench, simple", " (goal: 0.4)"),
        ("pgbench, prepared", ""),
    ):
        # Of each round, as what else the machine does changes from round to round.
        ratio = statistics.median(mine / theirs for mine, theirs in zip(ours, rates[name], strict=True))
        print(f"  Delivery desk is {ratio:.2f} times {name}{goal}")
    print(f"  its p99 is {spread:.1f} times its p50 (goal: at most 5)")


def _load(name, port, supply):
    load = Sender(port, list(islice(supply, MOST)), connections=CLIENTS, seconds=SECONDS).result()
    if set(load.statuses) != {200}:
        raise SystemExit(f"{name}: answered {dict(load.statuses)}")
    return load


def _pgbench(source, body, protocol):
    """Return the rows a second that it inserts; the body goes over the wire each time, as ours does."""
    parameters = connection.get_connection_params()
    spelled = f"\\x{compressed(body).hex()}"
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_INSERT.format(source=source.id, secret=source.secrets.get().id, headers=_HEADERS))
        script.flush()
        said = subprocess.run(
            [
                embedded_postgres._program("pgbench"),
                *("-n", "-f", script.name, "-M", protocol, "-T", str(SECONDS), "-c", str(CLIENTS)),
                # A parameter as it is, or spelled into the statement.
                *("-D", f"body={spelled}" if protocol == "prepared" else f"body='{spelled}'"),
                *("-h", parameters["host"], "-U", parameters["user"], parameters["dbname"]),
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    if not (found := re.search(r"tps = ([\d.]+)", said)):
        raise SystemExit(f"pgbench printed no rate: {said}")
    return float(found[1])
