"""The workers, as admins see them; and that looking at them takes no queue library."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from redis import Redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from eeds.db.engine import Database
from eeds.db.tables import Project, ProjectRun
from eeds.jobs.queue_state import count_fallback, queue_state
from tests.portal.conftest import MakeBrowser, text_of


def test_workers_that_fall_back_on_the_library_are_counted(redis_url: str, queue: "Redis[bytes]") -> None:
    assert queue_state(redis_url, "ours").fallbacks == 0
    for _ in range(2):
        count_fallback(redis_url, "ours")
    assert queue_state(redis_url, "ours").fallbacks == 2


def test_what_rq_has_written_is_read(redis_url: str, queue: "Redis[bytes]") -> None:
    assert (queue_state(redis_url, "ours").queued, queue_state(redis_url, "ours").workers) == (0, [])
    jobs = Queue("ours", connection=queue, serializer=JSONSerializer)
    jobs.enqueue_call("workers.jobs.execute_project_run", args=(1,))
    worker = Worker([jobs], connection=queue, name="one")
    worker.register_birth()
    worker.set_state("idle")
    found = queue_state(redis_url, "ours")
    assert found.queued == jobs.count == 1
    (told,) = found.workers
    assert (told.name, told.pid, told.state) == ("one", worker.pid, "idle")
    assert told.host == worker.hostname
    assert abs((told.started - datetime.now(UTC)).total_seconds()) < 60
    queue.delete(worker.key)  # as when it was killed, and its time is over
    assert queue_state(redis_url, "ours").workers == []


def test_the_page(browser_of: MakeBrowser, database: Database, queue: "Redis[bytes]", queue_name: str) -> None:
    root = browser_of("root", admin=True)
    assert "No worker listens to the queue." in text_of(root.get("queue/"))
    Worker([Queue(queue_name, connection=queue)], connection=queue, name="one").register_birth()
    with database.session() as session:
        session.add(Project(project_owner_id=1, project_id="<b>A</b>"))
        session.flush()
        now = datetime.now(UTC)
        session.add(
            ProjectRun(project_id=1, meter_class="x", status="RUNNING", started=now, lease_expires=now, attempts=2)
        )
    page = root.get("queue/")
    assert "0 jobs wait in the queue." in text_of(page)
    assert "one" in text_of(page)
    assert "<b>A</b>" not in page.text
    assert "1 <b>A</b>" in text_of(page)
    ada = browser_of("ada")
    assert (ada.get("queue/").status_code, ada.get("queue/now/").status_code) == (404, 404)


def test_it_takes_no_queue_library() -> None:
    code = "import sys, eeds.app, eeds.jobs.queue_state, eeds.web.metrics; print('rq' in sys.modules)"
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert found.stdout == "False\n"
