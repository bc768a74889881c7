"""`script/attack fairness [rounds]`: how long reads of one owner take while another floods the server with uploads.

They are read alone and beside the flood by turns, so that what else the machine does is in both. The median may at most
double; what is beyond the places of an owner is answered 429.
"""

import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event

import requests

from attack.bombs import MB, dry_run, json_list
from attack.target import HEADERS, PATIENCE_SECONDS, READ, SECRET_KEY, Answers, Target, target
from eeds.accounts.operations import create_token, create_user
from eeds.db.engine import Database

CLIENTS, ROUNDS, SECONDS = 8, 5, 8
SETTLING_SECONDS = 3
MOST = 2.0
HEAVY = {
    "consumption_records/sync2/?dry_run=true": ("text/csv", dry_run(20 * MB)),
    "projects/sync/": ("application/json", json_list(b"{}", 60_000)),
}
TITLE = f"{'milliseconds of a read':24s} {'alone':>8s} {'p99':>8s} {'beside':>8s} {'p99':>8s}"


def main() -> int:
    """Measure with and without the flood; gives the exit status, 1 if the reads took too much longer."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    uploads, ratios = Counter[int](), list[float]()
    print(TITLE)
    with target(WEB_CONCURRENCY="2") as attacked:
        token = token_of_another(attacked)
        for number in range(1, rounds + 1):
            alone = reads(attacked, token)
            with flood(attacked, uploads):
                beside = reads(attacked, token)
            ratios.append(beside.of(0.5) / alone.of(0.5))
            figures = (alone.of(0.5), alone.of(0.99), beside.of(0.5), beside.of(0.99))
            print(
                f"{f'round {number}':24s} {' '.join(f'{each:8.1f}' for each in figures)}   x{ratios[-1]:.1f}",
                flush=True,
            )
    ratio = statistics.median(ratios)
    verdict = "ok" if ratio <= MOST else "MISSED"
    print(f"beside {CLIENTS} clients that upload: x{ratio:.1f} ({min(ratios):.1f} to {max(ratios):.1f})   {verdict}")
    print(f"answers to the uploads: {' '.join(f'{uploads[status]}x {status or None}' for status in sorted(uploads))}")
    return int(ratio > MOST)


def token_of_another(attacked: Target) -> str:
    """The token of a user who is no admin."""
    database = Database(attacked.environment["DATABASE_URL"])
    with database.session() as session:
        user = create_user(session, "other")
        token = create_token(session, SECRET_KEY, user, ["read"])
    database.engine.dispose()
    return token


def reads(attacked: Target, token: str) -> Answers:
    """Lists of projects, one after the other and each over a connection of its own, so that all processes are asked."""
    answers, end = Answers(), time.monotonic() + SECONDS
    while time.monotonic() < end:
        begun = time.perf_counter()
        connection = HTTPConnection(*attacked.address, timeout=PATIENCE_SECONDS)
        connection.request("GET", READ, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        answers.seconds.append(time.perf_counter() - begun)
        answers.statuses.append(answer.status)
    assert set(answers.statuses) == {200}
    return answers


@contextmanager
def flood(attacked: Target, uploads: Counter[int]) -> Iterator[None]:
    """Clients of one owner upload as fast as they are answered, from a process of their own; counts the statuses."""
    processes = get_context("spawn")
    stop, answers = processes.Event(), processes.Queue()
    flooding = processes.Process(target=flood_until, args=[attacked.web.url, stop, answers])
    flooding.start()
    time.sleep(SETTLING_SECONDS)
    try:
        yield
    finally:
        stop.set()
        uploads.update(answers.get())
        flooding.join()


def flood_until(url: str, stop: Event, answers: "Queue[Counter[int]]") -> None:
    """Upload until that is enough, then say what was answered."""
    counts = Counter[int]()

    def client(number: int) -> None:
        path, (media_type, body) = [*HEAVY.items()][number % len(HEAVY)]
        headers = {**HEADERS, "Content-Type": media_type}
        while not stop.is_set():
            try:
                answer = requests.post(f"{url}/api/v1/{path}", body, headers=headers, timeout=300)
            except requests.ConnectionError:  # answered before all of it was read
                counts[0] += 1
                stop.wait(1)
                continue
            counts[answer.status_code] += 1
            stop.wait(float(answer.headers.get("Retry-After", 0)))

    clients = [threading.Thread(target=client, args=[number]) for number in range(CLIENTS)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    answers.put(counts)


if __name__ == "__main__":
    sys.exit(main())
