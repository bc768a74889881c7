"""`script/attack load [seconds]`: clients that all work at the same time, as many people do, and what each of their
requests takes: median, p99 and longest, and what was answered."""

import random
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import requests

from attack.target import HEADERS, TITLE, Answers, Target, target

CLIENTS, SECONDS = 8, 180
PROJECTS, HOURS, ZIPCODE = 40, 8760, "91104"
START = datetime(2024, 1, 1, tzinfo=UTC)
TIMEOUT_SECONDS = 60


class Client:
    """One of them, with projects and traces of its own."""

    def __init__(self, attacked: Target, number: int) -> None:
        self.url, self.number, self.chance = f"{attacked.web.url}/api/v1", number, random.Random(number)
        self.session = requests.Session()
        self.session.headers.update(HEADERS)
        self.project, self.trace = self.begin()
        self.works: dict[str, Callable[[], requests.Response]] = {
            "list projects": lambda: self.get("projects/"),
            "read a project": lambda: self.get(f"projects/{self.project}/"),
            "read a year of hours": lambda: self.get(f"consumption_records/?metadata={self.trace}&limit={HOURS}"),
            "sync projects": self.sync_projects,
            "append a day": lambda: self.load(24),
            "load a year of hours": lambda: self.load(HOURS),
        }

    def begin(self) -> tuple[int, int]:
        """Make a project and a trace."""
        named = {"project_owner": 1, "project_id": f"load-{self.number}", "zipcode": ZIPCODE}
        project = self.post("projects/", json=named).json()["id"]
        channel = {"project": project, "interpretation": "E_C_S", "unit": "KWH"}
        return project, self.post("consumption_metadatas/", json=channel).json()["id"]

    def sync_projects(self) -> requests.Response:
        """Many at once, most of which are there."""
        named = [f"load-{self.number}-{number}" for number in range(PROJECTS)]
        periods = {"baseline_period_end": "2024-06-01T00:00:00Z", "reporting_period_start": "2024-07-01T00:00:00Z"}
        shared = {"project_owner_id": 1, "zipcode": ZIPCODE, **periods}
        projects = [{**shared, "project_id": name} for name in named]
        return self.post("projects/sync/", json=projects)

    def load(self, hours: int) -> requests.Response:
        """So many readings, some of which are new."""
        first = START + timedelta(hours=self.chance.randrange(HOURS))
        rows = [f"{first + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ},{self.trace},1.5,false" for hour in range(hours)]
        body = "\n".join(["start,metadata_id,value,estimated", *rows])
        return self.post("consumption_records/sync2/", data=body, headers={"Content-Type": "text/csv"})

    def get(self, path: str) -> requests.Response:
        """Ask for something."""
        return self.session.get(f"{self.url}/{path}", timeout=TIMEOUT_SECONDS)

    def post(self, path: str, **body: object) -> requests.Response:
        """Send something."""
        return self.session.post(f"{self.url}/{path}", timeout=TIMEOUT_SECONDS, **body)  # type: ignore[arg-type]

    def work(self, until: float, answers: defaultdict[str, Answers]) -> None:
        """One request after the other, of every kind as many."""
        while time.monotonic() < until:
            name = self.chance.choice([*self.works])
            begun = time.perf_counter()
            try:
                status = self.works[name]().status_code
            except requests.RequestException:
                status = 0
            answers[name].seconds.append(time.perf_counter() - begun)
            answers[name].statuses.append(status)


def main() -> None:
    """Measure, and print the table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    answers = defaultdict[str, Answers](Answers)
    with target(WEB_CONCURRENCY="2", EEDS_HEAVY_REQUESTS=str(CLIENTS)) as attacked:
        clients = [Client(attacked, number) for number in range(CLIENTS)]
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=client.work, args=[until, answers]) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(f"{sum(len(each.seconds) for each in answers.values()) / seconds:.1f} requests a second of {CLIENTS} clients")
    print(TITLE)
    for name in clients[0].works:
        print(answers[name].line(name))


if __name__ == "__main__":
    main()
