"""`script/attack hung_database`: a Postgres that is there and does nothing, and a table that somebody has locked."""

import time
from concurrent.futures import ThreadPoolExecutor

from attack.target import LIVE, READ, TITLE, UPLOAD, Answers, Target, ask, status_of, target, tired

CLIENTS = 40
REQUESTS = 3
RECORDS = b"metadata_id,start,value,estimated\n1,2020-01-01T00:00:00Z,1,false\n"


def main() -> None:
    """Measure and print the table."""
    with target() as attacked:
        print(TITLE)
        measure(attacked, "undisturbed")
        with attacked.postgres_stopped():
            measure(attacked, "Postgres stopped")
            measure(attacked, "Postgres stopped, later")
        started = time.monotonic()
        while status_of(attacked, "GET", READ) != 200:
            time.sleep(0.05)
        print(f"a list is there again after {time.monotonic() - started:.1f} s", flush=True)
        measure(attacked, "Postgres goes on")
        with attacked.locked("projects"):
            measure(attacked, "projects locked")


def measure(attacked: Target, what: str) -> None:
    """Ask for life, and let many clients read and some write at the same time; print how long that took."""
    with ThreadPoolExecutor(CLIENTS + 10) as clients:
        live = clients.submit(ask, attacked, LIVE, 50, 0.02, tired())
        lists = [clients.submit(ask, attacked, READ, REQUESTS) for _ in range(CLIENTS)]
        uploads = [clients.submit(upload, attacked) for _ in range(4)]
    print(live.result().line(f"live, {what}"))
    print(joined([each.result() for each in lists]).line(f"{CLIENTS} clients' lists, {what}"))
    print(joined([each.result() for each in uploads]).line(f"4 uploads, {what}"), flush=True)


def upload(attacked: Target) -> Answers:
    """Send a record."""
    started = time.perf_counter()
    status = status_of(attacked, "POST", UPLOAD, RECORDS)
    return Answers([time.perf_counter() - started], [status])


def joined(answers: list[Answers]) -> Answers:
    """The answers of several clients."""
    return Answers(
        [seconds for each in answers for seconds in each.seconds],
        [status for each in answers for status in each.statuses],
    )


if __name__ == "__main__":
    main()
