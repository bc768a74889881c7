"""`script/attack full_tmp`: no room is left where temporary files go."""

import tempfile
from pathlib import Path

import psutil

from attack.target import LIVE, READ, TITLE, UPLOAD, Target, answer_of, ask, target
from tests.web_server import fill, small_room

ROOM = "48m"
HEADER = b"metadata_id,start,value,estimated\n"
LARGE = HEADER + b"1,2020-01-01T00:00:00Z,1,false\n" * 600_000
MULTIPART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + LARGE + b"\r\n--b--\r\n"


def main() -> None:
    """Measure and print the table."""
    with tempfile.TemporaryDirectory() as place:
        room = Path(place, "room")
        room.mkdir()
        with target(small_room(room, ROOM), TMPDIR=str(room)) as attacked:
            print(TITLE)
            measure(attacked, "undisturbed")
            workers = [process.pid for process in psutil.Process(attacked.web.pid).children()]
            filler = Path(f"/proc/{attacked.web.pid}/root{room}/filler")
            fill(filler)
            measure(attacked, "no room left")
            for path, body, media_type in (
                (UPLOAD, LARGE, "text/csv"),
                ("/api/v1/consumption_records/upload/", MULTIPART, "multipart/form-data; boundary=b"),
            ):
                print(f"upload of {len(body) / 2**20:.0f} MB to {path}: {answer_of(attacked, path, body, media_type)}")
            measure(attacked, "no room left, later")
            filler.unlink()
            print(f"upload with room again: {answer_of(attacked, UPLOAD, LARGE, 'text/csv')}")
            now = [process.pid for process in psutil.Process(attacked.web.pid).children()]
            print(f"workers that ended meanwhile: {len(set(workers) - set(now))}")


def measure(attacked: Target, what: str) -> None:
    """Ask for life, for a list, and for what has not been counted before."""
    print(ask(attacked, LIVE, 50).line(f"live, {what}"))
    print(ask(attacked, READ, 50).line(f"list, {what}"))
    print(ask(attacked, "/api/v1/project_runs/", 5).line(f"runs, {what}"), flush=True)


if __name__ == "__main__":
    main()
