"""`script/attack memory`: what each bomb costs the process that reads it, in memory and in time of processors.

Each must be answered, without 5xx, within 128 MB above the idle process and 30 s of processor time, the database's
too. Names of bombs, or parts of them, choose some.
"""

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
import requests

from attack import bombs, bombs_in_files, bombs_in_xml
from attack.bomb import MB, Bomb
from eeds.server.demo.server import datastore
from eeds.server.seed import DEV_TOKEN
from eeds.server.up import free_port

MAX_MB, MAX_SECONDS = 128, 30
BOMBS = [*bombs.BOMBS, *bombs_in_files.BOMBS, *bombs_in_xml.BOMBS]
TIMEOUT_SECONDS = 900


def project(number: int) -> bytes:
    """A project of the administrator's."""
    return b'{"project_id": "P%d", "project_owner": 1}' % number


PROJECTS = [Bomb("", "projects/", partial(project, number)) for number in range(10)]
WARM_UP = Bomb("", "consumption_records/sync2/", lambda: b"metadata_id,start,value\n", "text/csv")


@dataclass(frozen=True)
class Cost:
    """What a request cost: MB above idle at the worst moment, seconds of processors, MB of the database's files."""

    status: int
    sent: int
    seconds: float
    memory_mb: float
    cpu_seconds: float
    disk_mb: float
    answer: str

    @property
    def is_bounded(self) -> bool:
        """Whether it kept the promise."""
        return self.status < 500 and self.memory_mb <= MAX_MB and self.cpu_seconds <= MAX_SECONDS


def main() -> int:
    """Send every bomb, print the table, and give the exit status: 1 if one was too much."""
    chosen = [bomb for bomb in BOMBS if not sys.argv[1:] or any(part in bomb.name for part in sys.argv[1:])]
    os.environ |= {"WEB_CONCURRENCY": "1", "EEDS_RATE_LIMIT": "1000000"}
    with tempfile.TemporaryDirectory() as place, datastore(free_port(), Path(place)) as running:
        server = psutil.Process(running.process.pid)
        for project in PROJECTS:
            send(running.url, project)
        bounded = [show(bomb, cost_of(running.url, renewed(running.url, server), Path(place), bomb)) for bomb in chosen]
        return int(not all(bounded))


def renewed(url: str, server: psutil.Process) -> psutil.Process:
    """The server with a new process for requests, which has loaded CSV before: what one request leaves behind is not
    to hide what the next one takes."""
    web = web_worker(server)
    web.terminate()
    web.wait(TIMEOUT_SECONDS)
    while send(url, WARM_UP)[0] != 200:
        time.sleep(0.1)
    return server


def cost_of(url: str, server: psutil.Process, place: Path, bomb: Bomb) -> Cost:
    """Send one and measure."""
    web, body = web_worker(server), bomb.body()
    idle, files, before = web.memory_info().rss, size_of(place), cpu_seconds(server)
    # the highest of its resident memory is counted again from here
    Path(f"/proc/{web.pid}/clear_refs").write_text("5")
    begun = time.monotonic()
    status, text = send(url, bomb, body)
    seconds = time.monotonic() - begun
    memory = (highest_memory(web) - idle) / MB
    spent, disk = cpu_seconds(server) - before, (size_of(place) - files) / MB
    return Cost(status, len(body), seconds, memory, spent, disk, " ".join(text.split())[:300])


def send(url: str, bomb: Bomb, body: bytes | None = None) -> tuple[int, str]:
    """The status and the text of the answer; 599 where there is none."""
    headers = {
        "Authorization": f"Bearer {DEV_TOKEN}",
        "Content-Type": bomb.media_type,
        "Content-Encoding": bomb.encoding,
    }
    try:
        response = requests.post(
            f"{url}/api/v1/{bomb.path}{bomb.query}",
            bomb.body() if body is None else body,
            headers=headers,
            timeout=TIMEOUT_SECONDS,
        )
    except requests.RequestException as error:
        return 599, str(error)
    return response.status_code, response.text


def web_worker(server: psutil.Process) -> psutil.Process:
    """The process that serves requests: the youngest of gunicorn's."""
    found = [each for each in server.children(recursive=True) if "gunicorn" in " ".join(each.cmdline())]
    return max(found, key=lambda each: each.create_time())


def highest_memory(process: psutil.Process) -> int:
    """The most bytes that were resident since that was reset; more than can be if the process is no more."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return 2**40
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def cpu_seconds(server: psutil.Process) -> float:
    """What all processes of the datastore have spent; those that ended, as far as their parents know of it."""
    times = [each.cpu_times() for each in [server, *server.children(recursive=True)]]
    return float(sum(each.user + each.system for each in times))


def size_of(place: Path) -> int:
    """Bytes of the files below a directory."""
    return sum(
        Path(directory, name).lstat().st_blocks * 512
        for directory, _, names in os.walk(place)
        for name in names
        if Path(directory, name).exists()
    )


def show(bomb: Bomb, cost: Cost) -> bool:
    """A line of the table; gives whether the cost is bounded."""
    verdict = "ok" if cost.is_bounded else "MISSED"
    print(
        f"{bomb.name:38s} {cost.sent / 1000:10,.1f} kB {cost.status} "
        f"{cost.memory_mb:+7,.0f} MB {cost.cpu_seconds:6.1f} s CPU "
        f"{cost.seconds:6.1f} s {cost.disk_mb:+7,.0f} MB disk  {verdict}\n    {cost.answer}",
        flush=True,
    )
    return cost.is_bounded


if __name__ == "__main__":
    sys.exit(main())
