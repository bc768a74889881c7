"""No room is left where temporary files go: what needs some is refused in words, and nothing else notices."""

import shutil
import subprocess
from pathlib import Path

import psutil
import pytest
import requests

from attack.target import HEADERS, LIVE, READ, UPLOAD, Target
from tests.web_server import fill, small_room

DEADLINE_SECONDS = 60
FULL = {"detail": "The server's disk is full: the body has no room. Nothing was stored."}
CSV = b"metadata_id,start,value\n" + b"1,2022-01-01T00:00:00Z,1\n" * 80_000


def upload(target: Target, body: bytes = CSV) -> requests.Response:
    """The answer to an upload."""
    headers = {**HEADERS, "Content-Type": "text/csv"}
    return requests.post(target.web.url + UPLOAD, body, headers=headers, timeout=DEADLINE_SECONDS)


def test_no_room_for_temporary_files(attacked: Target, tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    if not shutil.which("unshare") or subprocess.run([*small_room(room, "1m"), "true"], check=False).returncode:
        pytest.skip("this system lets nobody mount a file system")
    environment = {**attacked.environment, "TMPDIR": str(room)}
    with attacked.another(environment, small_room(room, "32m")) as cramped:
        workers = psutil.Process(cramped.web.pid).children()
        filler = Path(f"/proc/{cramped.web.pid}/root{room}/filler")
        fill(filler)
        # what is counted for the first time, too
        for path in (LIVE, READ, "/api/v1/project_runs/", "/nowhere/"):
            assert requests.get(cramped.web.url + path, headers=HEADERS, timeout=DEADLINE_SECONDS).status_code < 500
        assert upload(cramped, CSV[:1000].rpartition(b"\n")[0]).ok  # which needs none
        refused = upload(cramped)
        assert (refused.status_code, refused.json()) == (507, FULL)
        filler.unlink()
        assert upload(cramped).ok
        metrics = requests.get(f"{cramped.web.url}/metrics", timeout=DEADLINE_SECONDS).text
        assert 'eeds_http_requests_total{endpoint="none",method="GET",status="404"} 1.0' in metrics
        assert psutil.Process(cramped.web.pid).children() == workers
