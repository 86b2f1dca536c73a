"""A load generator for HTTP/1.1: some connections, each sending one request after another, in a process of its own.

It is lean, since it shares the machine with what it measures.
"""

import asyncio
import multiprocessing
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle


@dataclass
class Load:
    statuses: Counter = field(default_factory=Counter)  # of HTTP
    sent: list[float] = field(default_factory=list)  # time.perf_counter(), in the order of the requests
    latencies: list[float] = field(default_factory=list)  # seconds, in the order of the answers
    seconds: float = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds


def request(method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    """Return the bytes of a request to localhost."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


class Sender:
    """Sends in the background as soon as it is made; `result()` waits for its end."""

    def __init__(
        self, port: int, requests: list[bytes], *, connections: int, seconds: float, rate: float | None = None
    ):
        """Each request is sent once, or again from the first where there are too few; `rate` a second at most."""
        self._ours, theirs = multiprocessing.Pipe()
        arguments = (theirs, port, requests, connections, seconds, rate)
        self._process = multiprocessing.get_context("fork").Process(target=_run, args=arguments, daemon=True)
        self._process.start()
        theirs.close()  # so that its end is noticed

    def result(self) -> Load:
        load = self._ours.recv()
        self._process.join()
        return load


def _run(pipe, port, requests, connections, seconds, rate):
    pipe.send(asyncio.run(_send(port, requests, connections, seconds, rate)))


async def _send(port, requests, connections, seconds, rate):
    load = Load()
    start = time.perf_counter()
    supply = cycle(requests)
    due = (start + number / rate for number in range(int(rate * seconds))) if rate else None
    clients = [_Client(load, supply, start + seconds, due) for _ in range(connections)]
    for client in clients:
        await _connect(client, port)
    await asyncio.gather(*(client.done for client in clients))
    load.seconds = time.perf_counter() - start
    return load


async def _connect(client: "_Client", port: int) -> None:
    await asyncio.get_running_loop().create_connection(lambda: client, "127.0.0.1", port)


class _Client(asyncio.Protocol):
    def __init__(self, load: Load, supply: Iterator[bytes], end: float, due: Iterator[float] | None):
        self.load, self.supply, self.end, self.due = load, supply, end, due
        self.loop = asyncio.get_running_loop()
        self.done = self.loop.create_future()
        self.buffer = b""

    def connection_made(self, transport):
        self.transport = transport
        self.next()

    def connection_lost(self, error):
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("The server closed the connection."))

    def next(self):
        due = next(self.due, self.end) if self.due else 0
        wait = due - time.perf_counter()
        if due >= self.end or time.perf_counter() >= self.end:
            self.done.set_result(None)
            self.transport.close()
        elif wait > 0:
            self.loop.call_later(wait, self.send)
        else:
            self.send()

    def send(self):
        self.sent = time.perf_counter()
        self.load.sent.append(self.sent)
        self.transport.write(next(self.supply))

    def data_received(self, data):
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if found and len(rest) >= int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]):
            self.load.latencies.append(time.perf_counter() - self.sent)
            self.load.statuses[int(head[9:12])] += 1
            self.buffer = b""
            self.next()
