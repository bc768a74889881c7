"""`script/attack fairness`: how long the reads of one owner take while another one floods the server with uploads.

The median may at most double; what is beyond the places of an owner is answered 429.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import requests

from attack.bombs import MB, dry_run, json_list
from eeds.server.demo.server import Datastore, datastore
from eeds.server.seed import DEV_TOKEN
from eeds.server.up import free_port

CLIENTS, READS, SECONDS = 8, 300, 60
MOST = 2.0
HEAVY = {
    "consumption_records/sync2/?dry_run=true": ("text/csv", dry_run(20 * MB)),
    "projects/sync/": ("application/json", json_list(b"{}", 60_000)),
}


def main() -> int:
    """Measure with and without the flood; gives the exit status, 1 if the reads took too much longer."""
    os.environ |= {"WEB_CONCURRENCY": "2", "EEDS_RATE_LIMIT": "1000000"}
    with tempfile.TemporaryDirectory() as place, datastore(free_port(), Path(place)) as running:
        token = token_of_another(next(Path(place).glob("eeds-demo-*")))
        alone, _ = median_of_reads(running, token)
        flooded, answers = median_beside_flood(running, token)
    met = flooded <= MOST * alone
    print(f"a read alone, median           {alone * 1000:8.1f} ms")
    verdict = "ok" if met else "MISSED"
    print(f"beside {CLIENTS} clients that upload  {flooded * 1000:8.1f} ms   x{flooded / alone:.1f}  {verdict}")
    print(f"answers to the uploads         {dict(answers)}")
    return int(not met)


def token_of_another(data_dir: Path) -> str:
    """The token of a user who is no admin."""
    environment = os.environ | {"EEDS_DATA_DIR": str(data_dir)}
    eeds = [sys.executable, "-m", "eeds.cli"]
    subprocess.run([*eeds, "user", "create", "other", "--password", "a long password"], env=environment, check=True)
    create = [*eeds, "token", "create", "--user", "other", "--scope", "read"]
    said = subprocess.run(create, env=environment, check=True, capture_output=True, text=True).stdout
    return next(word for word in said.split() if word.startswith("eeds_"))


def median_of_reads(running: Datastore, token: str) -> tuple[float, float]:
    """The median of seconds that a list of projects takes, and the slowest; as many reads as fit into SECONDS."""
    times: list[float] = []
    end = time.monotonic() + SECONDS
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        while len(times) < READS and time.monotonic() < end:
            begun = time.perf_counter()
            session.get(f"{running.url}/api/v1/projects/", timeout=SECONDS).raise_for_status()
            times.append(time.perf_counter() - begun)
    return statistics.median(times), max(times)


def median_beside_flood(running: Datastore, token: str) -> tuple[float, Counter[int]]:
    """The median while clients of one owner upload as fast as they are answered, and the statuses of those answers."""
    stop, answers = threading.Event(), Counter[int]()

    def flood(number: int) -> None:
        path, (media_type, body) = [*HEAVY.items()][number % len(HEAVY)]
        headers = {"Authorization": f"Bearer {DEV_TOKEN}", "Content-Type": media_type}
        while not stop.is_set():
            try:
                answer = requests.post(f"{running.url}/api/v1/{path}", body, headers=headers, timeout=300)
            except requests.ConnectionError:  # answered before all of it was read
                answers[0] += 1
                stop.wait(1)
                continue
            answers[answer.status_code] += 1
            stop.wait(float(answer.headers.get("Retry-After", 0)))

    clients = [threading.Thread(target=flood, args=[number]) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    time.sleep(3)
    try:
        return median_of_reads(running, token)[0], answers
    finally:
        stop.set()
        for client in clients:
            client.join()


if __name__ == "__main__":
    sys.exit(main())
