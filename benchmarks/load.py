"""A load generator for HTTP/1.1: some connections, each sending one request after another, in a process of its own."""

import asyncio
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    statuses: Counter  # of HTTP
    latencies: list[float]  # seconds, sorted
    seconds: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds


def request(method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    """Return the bytes of a request to localhost."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Sender:
    """Sends in the background as soon as it is made; `result()` waits for its end."""

    def __init__(self, port: int, requests: list[bytes], *, connections: int, seconds: float):
        """Each request is sent once, or again from the first where there are too few."""
        self._ours, theirs = multiprocessing.Pipe()
        arguments = (theirs, port, requests, connections, seconds)
        self._process = multiprocessing.get_context("fork").Process(target=_run, args=arguments, daemon=True)
        self._process.start()

    def result(self) -> Load:
        load = self._ours.recv()
        self._process.join()
        return load


def _run(pipe, port, requests, connections, seconds):
    pipe.send(asyncio.run(_send(port, requests, connections, seconds)))


async def _send(port, requests, connections, seconds):
    statuses, latencies = Counter(), []
    supply = _endless(requests)
    start = time.perf_counter()
    await asyncio.gather(*(_connection(port, supply, start + seconds, statuses, latencies) for _ in range(connections)))
    return Load(statuses, sorted(latencies), time.perf_counter() - start)


def _endless(requests) -> Iterator[bytes]:
    while True:
        yield from requests


async def _connection(port, supply, end, statuses, latencies):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (sent := time.perf_counter()) < end:
        writer.write(next(supply))
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = head.partition("content-length: ")[2].partition("\r\n")[0]
        await reader.readexactly(int(length))
        statuses[int(head.split()[1])] += 1
        latencies.append(time.perf_counter() - sent)
    writer.close()
