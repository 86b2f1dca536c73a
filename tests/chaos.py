"""`make chaos`: the product under load while its processes and its PostgreSQL are killed. Nothing may be lost.

Two web processes and two workers; whole stories of every provider, out of order and more than once; each delivery is
repeated until it is answered 200. In the end each event must be stored once and applied, and the rows must be those of
a run in which nothing was killed and every event came once, in its true order.
"""

import argparse
import atexit
import io
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import zip_longest

import django
import requests

from tests.running import free_port, wait_for

# The parts that we start have it from here. Only the embedded PostgreSQL can be killed, so it is the one that is used.
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="delivery-chaos-")
os.environ["PORT"] = str(free_port())
os.environ["DATABASE_URL"] = os.environ["PRODUCTION"] = ""
os.environ.pop("BASE_URL", None)
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import Error, connection  # noqa: E402
from django.test import Client  # noqa: E402

from config import embedded_postgres  # noqa: E402
from tests import payloads, rows  # noqa: E402
from webhooks.management.commands import run  # noqa: E402
from webhooks.models import Event, Source  # noqa: E402
from webhooks.onboarding.client import CannotSendError, Sender  # noqa: E402
from webhooks.processing.processor import process_batch  # noqa: E402

CONNECTIONS = 6
AGAIN = 0.3  # of the events come a second time though they were acknowledged
LATE = 0.1  # come only with the stories after theirs
MOST_WAITING = 1000  # events that no worker has processed yet, beyond which no new story begins
SENDERS_PAUSE = 0.05  # seconds before something is sent again
QUIET_TIMEOUT = 120  # seconds for all to be acknowledged, and again to be processed
UNDISTURBED = "undisturbed"  # the database of the other run
keep = threading.Event()  # set: the folder is left, to look at what went wrong


class Product:
    """What `manage.py run` starts, part by part, so that each can be killed alone."""

    PARTS = {"web server": run.web(settings.PORT), "worker 1": run.WORKER, "worker 2": run.WORKER}

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.processes = {}
        self.killed = Counter()
        self.logs = settings.DATA_DIR / "logs"
        self.logs.mkdir()
        settings.STATIC_ROOT.mkdir()

    def start_what_is_down(self):
        try:
            with embedded_postgres._changing(settings.DATA_DIR):
                if not embedded_postgres._is_running(settings.DATA_DIR):
                    embedded_postgres._start(settings.DATA_DIR)
        except embedded_postgres.DatabaseError:  # what is left of the killed one still holds its memory
            return
        for name, arguments in self.PARTS.items():
            if name not in self.processes or self.processes[name].poll() is not None:
                self.processes[name] = run.start(arguments, self.logs / f"{name}.log")

    def kill_something(self):
        """SIGKILL one process, or the web server with all of its processes."""
        victims = {
            "web server": [-process.pid for process in self._alive("web server")],  # minus: its process group
            "web process": [pid for process in self._alive("web server") for pid in _children(process.pid)],
            "worker": [process.pid for process in self._alive("worker 1", "worker 2")],
            "PostgreSQL": self._postmaster(),
            # Not its own helpers: with its startup process killed, PostgreSQL 18 was seen to stay in recovery forever.
            "connection of PostgreSQL": [
                pid
                for postmaster in self._postmaster()
                for pid in _children(postmaster, "-f", r"postgres: .*\[local\]")
            ],
        }
        kind = self.rng.choice([kind for kind, pids in victims.items() if pids] or [None])
        if kind is None:
            return
        pid = self.rng.choice(victims[kind])
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.killed[kind] += 1

    def _alive(self, *names):
        return [self.processes[name] for name in names if self.processes[name].poll() is None]

    def _postmaster(self):
        try:
            pid = int((settings.DATA_DIR / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return []
        return [pid] if embedded_postgres._is_postgres(pid) else []

    def stop(self):
        run.terminate(process for process in self.processes.values() if process.poll() is None)


def _children(pid, *matching):
    found = subprocess.run(["pgrep", "-P", str(pid), *matching], capture_output=True, text=True, check=False)
    return [int(child) for child in found.stdout.split()]


class Post:
    """Sends stories over several connections, until each of their events is acknowledged."""

    def __init__(self, seed: int):
        self.seed = seed
        self.rng = random.Random(seed)
        self.sources = {source.provider: source for source in Source.objects.all()}
        self.stories = []  # provider, seed, start: enough to tell each again
        self.count = 0  # of events
        self.acknowledged = {}  # number of the event -> ids that it was answered with
        self.answers = Counter()
        self._waiting = []  # number, provider, payload
        self._late = []
        self._open = 0  # deliveries that are not acknowledged
        self._changed = threading.Condition()
        self._end = threading.Event()
        # Made here, as they ask the database for their secrets.
        url = f"http://127.0.0.1:{settings.PORT}"
        self._threads = [
            threading.Thread(
                target=self._send, args=[{p: Sender(s, url, session) for p, s in self.sources.items()}], daemon=True
            )
            for session in (requests.Session() for _ in range(CONNECTIONS))
        ]

    def start(self):
        for thread in self._threads:
            thread.start()

    def needs_more(self) -> bool:
        return len(self._waiting) < 50

    def tell(self):
        """Add a story of each provider, shuffled, with what comes again and what was late."""
        new = []
        for provider in self.sources:
            seed = self.seed * 10**6 + len(self.stories)
            start = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=self.rng.randrange(3 * 24 * 60))
            self.stories.append((provider, seed, start))
            for payload in tell(*self.stories[-1]):
                new.append((self.count, provider, payload))
                self.count += 1
        new += [delivery for delivery in new if self.rng.random() < AGAIN]
        self.rng.shuffle(new)
        late = int(len(new) * LATE)
        self._add(new[late:] + self._late)
        self._late = new[:late]

    def tell_the_rest(self):
        self._add(self._late)
        self._late = []

    def wait_until_acknowledged(self):
        with self._changed:
            done = self._changed.wait_for(lambda: self._open == 0, QUIET_TIMEOUT)
        self._end.set()
        with self._changed:
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        return done

    def _add(self, deliveries):
        with self._changed:
            self._open += len(deliveries)
            self._waiting += deliveries
            self.rng.shuffle(self._waiting)
            self._changed.notify_all()

    def _send(self, senders):
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._end.is_set())
                if self._end.is_set():
                    return
                delivery = self._waiting.pop()
            number, provider, payload = delivery
            try:
                answer = senders[provider].send(payload)
                status = answer.status_code
            except CannotSendError:
                status = "none"
            with self._changed:
                self.answers[status] += 1
                if status == 200:
                    self.acknowledged.setdefault(number, set()).add(answer.json()["event"])
                    self._open -= 1
                    self._changed.notify_all()
                    continue
                self._waiting.insert(0, delivery)
            self._end.wait(SENDERS_PAUSE)


def tell(provider, seed, start):
    return Source(provider=provider).get_provider().simulate(seed=seed, start=start)


@contextmanager
def another_database(name):
    ours = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = ours


def rows_of_an_undisturbed_run(post: Post) -> dict[str, list]:
    """Return the rows of the same stories, each event sent once and in its true order, and nothing killed."""
    client = Client(SERVER_NAME="localhost")
    with another_database(UNDISTURBED):
        secrets = {source.provider: source.secrets.live().first().value for source in post.sources.values()}
        for provider, *story in post.stories:
            source = post.sources[provider]
            for payload in tell(provider, *story):
                body = payloads.dump(payload)
                headers = source.get_provider().sign(secrets[provider], body)
                answer = client.post(source.get_webhook_path(), body, content_type="application/json", headers=headers)
                assert answer.status_code == 200, answer.content
        while process_batch(200).claimed:
            pass
        return rows.everything()


def differences(found: dict[str, list], expected: dict[str, list]) -> list[str]:
    return [
        f"{model}: {len(found[model])} rows, undisturbed {len(wanted)}; {_first_difference(found[model], wanted)}"
        for model, wanted in expected.items()
        if found[model] != wanted
    ]


def _first_difference(found, expected):
    """Say in which fields the first row differs that does."""
    for row, wanted in zip_longest(found, expected, fillvalue={}):
        if row != wanted:
            fields = {
                name: (row.get(name), wanted.get(name)) for name in row | wanted if row.get(name) != wanted.get(name)
            }
            identity = row.get("external_id"), wanted.get("external_id")
            return f"the first that differs, {identity}, is and should be {str(fields)[:2000]}"
    raise AssertionError("unreachable")


def waiting() -> int | None:
    """Return how many events wait for a worker, or None where the database is down."""
    try:
        return Event.objects.filter(status__in=Event.WAITING).count()
    except Error:
        connection.close()
        return None


def prepare():
    """Make a database with a source for each provider, and its copy for the undisturbed run."""
    atexit.register(_remove_folder)  # before the database's own, so that it comes after it
    embedded_postgres.use(settings.DATA_DIR)
    call_command("migrate", verbosity=0)
    call_command("add_demo_sources", stdout=io.StringIO())
    with another_database("template1"), connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {UNDISTURBED} TEMPLATE postgres")


def _remove_folder():
    if not keep.is_set():
        shutil.rmtree(settings.DATA_DIR)


def disturb(product: Product, post: Post, seconds: float):
    """Kill something, or start what is down, again and again; meanwhile stories go on being sent."""
    end = time.monotonic() + seconds
    pause = threading.Event()  # never set
    while time.monotonic() < end:
        if post.needs_more() and (waiting() or 0) < MOST_WAITING:
            post.tell()
        pause.wait(product.rng.uniform(0.1, 0.5))
        if product.rng.random() < 0.5:
            product.kill_something()
        else:
            product.start_what_is_down()


def main(seconds: float, seed: int) -> int:
    """Return the exit status."""
    keep.set()
    print(f"Again: make chaos ARGS='--minutes {seconds / 60:g} --seed {seed}'", flush=True)
    prepare()
    product, post = Product(random.Random(seed)), Post(seed)
    problems = []
    try:
        product.start_what_is_down()
        post.tell()
        post.start()
        disturb(product, post, seconds)
        before_the_calm = len(post.acknowledged)

        calm = time.monotonic()
        post.tell_the_rest()
        with keeping_up(product):
            if not post.wait_until_acknowledged():
                problems.append("Not every event was acknowledged.")
            wait_for(lambda: waiting() == 0, QUIET_TIMEOUT)
        caught_up = time.monotonic() - calm
    finally:
        product.stop()

    problems += wrong_answers(post) + wrong_events(post)
    found = rows.everything()
    expected = rows_of_an_undisturbed_run(post)
    problems += differences(found, expected)
    print(report(product, post, seconds, before_the_calm, caught_up, found), flush=True)
    return say(problems)


@contextmanager
def keeping_up(product: Product):
    """Start again whatever ends by itself, as a worker that found no database to start with."""
    end = threading.Event()

    def keep_up():
        while not end.is_set():
            product.start_what_is_down()
            end.wait(0.3)

    keeper = threading.Thread(target=keep_up)
    keeper.start()
    try:
        yield
    finally:
        end.set()
        keeper.join()


def wrong_answers(post):
    others = {status: count for status, count in post.answers.items() if status not in (200, 503, "none")}
    return [f"Answers that no sender should get: {others}"] if others else []


def wrong_events(post):
    problems = []
    if several := [ids for ids in post.acknowledged.values() if len(ids) > 1]:
        problems.append(f"{len(several)} events were stored more than once, as {several[0]}")
    ids = set().union(*post.acknowledged.values())
    stored = set(Event.objects.values_list("id", flat=True))
    if lost := ids - stored:
        problems.append(f"{len(lost)} acknowledged events were lost, as {min(lost)}")
    if len(stored) != post.count:
        problems.append(f"{len(stored)} events are stored; {post.count} were sent")
    unfinished = Event.objects.exclude(status=Event.Status.PROCESSED)
    problems += [f"Event {event.pk} is {event.status}: {event.error}" for event in unfinished[:5]]
    return problems


def report(product, post, seconds, before_the_calm, caught_up, found):
    killed = ", ".join(f"{count} {kind}" for kind, count in sorted(product.killed.items()))
    answers = ", ".join(f"{count} {status}" for status, count in post.answers.most_common())
    again = Event.objects.filter(attempts__gt=1).count()
    return "\n".join(
        [
            f"{seconds:.0f} seconds, {sum(product.killed.values())} kills: {killed}",
            f"{len(post.stories)} stories, {post.count} events, {post.answers.total()} deliveries: answered {answers}",
            f"{before_the_calm} acknowledged while things were killed; caught up {caught_up:.1f} s after the last kill",
            f"{Event.objects.count()} events stored, {again} of them took more than one attempt",
            "Rows: " + ", ".join(f"{len(of_model)} {model}" for model, of_model in found.items() if of_model),
        ]
    )


def say(problems):
    if problems:
        print("\n".join(["FAILED", *problems, f"All of it is kept in {settings.DATA_DIR}"]))
        return 1
    print("Nothing was lost, nothing applied twice: the rows are those of the undisturbed run.")
    keep.clear()
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5, help="how long things are killed (default 5)")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of stories, order and kills")
    arguments = parser.parse_args()
    status = main(arguments.minutes * 60, arguments.seed)
    sys.exit(status)
