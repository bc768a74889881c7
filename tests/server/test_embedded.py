"""The embedded servers start, stop, recover, and never outlive the process that started them."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from eeds.config.data_dir import (
    MAX_SOCKET_PATH,
    POSTGRES_SOCKET,
    default_data_dir,
    embedded_urls,
    server_dir,
    socket_dir,
)
from eeds.errors import ConfigurationError
from eeds.server.binaries import installed_parts, postgres_bindir, valkey_server
from eeds.server.embedded import embedded_servers, remove, wal_settings

PRIVATE = dict.fromkeys(("initdb.log", "postgres.log", "valkey.log"), 0o600)
HOLD = """
import pathlib, sys, time
from eeds.server.embedded import embedded_servers
with embedded_servers(pathlib.Path(sys.argv[1])) as servers:
    print(*(process.pid for process in servers.processes.values()), flush=True)
    time.sleep(600)
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="eeds-test-"))
    yield path
    remove(path)


def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_servers_answer_and_remember(data_dir: Path) -> None:
    with embedded_servers(data_dir) as servers:
        assert servers.urls == embedded_urls(data_dir)
        with psycopg.connect(servers.urls.database) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        with redis.from_url(servers.urls.redis) as queue:
            assert queue.ping()
        started = list(servers.processes.values())
    assert all(process.poll() is not None for process in started)
    with embedded_servers(data_dir, valkey=False) as servers:
        assert list(servers.processes) == ["postgres"]
        with psycopg.connect(servers.urls.database) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_nothing_listens_on_the_network_and_nobody_else_gets_in(data_dir: Path) -> None:
    with embedded_servers(data_dir) as servers:
        for process in servers.processes.values():
            listening = psutil.Process(process.pid).net_connections("inet")
            assert listening == []
        assert socket_dir(data_dir).stat().st_mode & 0o777 == 0o700
        logs = list(server_dir(data_dir).glob("*.log"))
        assert {log.name: log.stat().st_mode & 0o777 for log in logs} == PRIVATE


@pytest.mark.parametrize(("free", "size"), [(100, 128), (20_000, 1000), (10**7, 4096)])
def test_the_log_of_changes_does_not_fill_the_disk(free: int, size: int) -> None:
    assert wal_settings(free) == (f"max_wal_size={size}MB", "min_wal_size=128MB")


def test_one_at_a_time(data_dir: Path) -> None:
    with (
        embedded_servers(data_dir, postgres=False, valkey=False),
        pytest.raises(ConfigurationError, match="Another `eeds up` is using the data directory"),
        embedded_servers(data_dir),
    ):
        pass


def test_a_deep_directory_still_has_a_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    assert len(os.fsencode(socket_dir(deep) / POSTGRES_SOCKET)) <= MAX_SOCKET_PATH
    assert socket_dir(deep) == socket_dir(deep)
    assert socket_dir(deep) != socket_dir(deep.parent)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_killed_parent_leaves_no_server_and_the_next_start_recovers(data_dir: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, data_dir], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        pids = [int(word) for word in holder.stdout.readline().split()]
        assert len(pids) == 2
        holder.kill()
    eventually(lambda: not any(psutil.pid_exists(pid) for pid in pids))
    with embedded_servers(data_dir) as servers, psycopg.connect(servers.urls.database) as connection:
        connection.execute("SELECT 1")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives its servers to a user who may not reach its files")
def test_programs_that_only_root_can_reach_are_started_from_a_copy(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = data_dir / "für root allein" / ("long" * 40)  # as /root is, and what mktemp -d makes
    private.mkdir(parents=True)
    (data_dir / "für root allein").chmod(0o700)
    bindir, server = postgres_bindir(), valkey_server()
    root, parts = installed_parts(bindir.parent)
    for part in parts:
        shutil.copytree(part, private / part.relative_to(root), symlinks=True)
    shutil.copy(server, private)
    monkeypatch.setenv("EEDS_PG_BINDIR", str(private / bindir.relative_to(root)))
    monkeypatch.setenv("EEDS_VALKEY_SERVER", str(private / server.name))
    for _ in range(2):  # the first makes the copies, the second finds them
        with embedded_servers(data_dir) as servers:
            for name, process in servers.processes.items():
                program = Path(f"/proc/{process.pid}/exe").resolve()
                assert program.is_relative_to(server_dir(data_dir)), name
                assert psutil.Process(process.pid).uids().effective != 0
            with psycopg.connect(servers.urls.database) as connection:
                connection.execute("SELECT 1")
            with redis.from_url(servers.urls.redis) as queue:
                assert queue.ping()


@pytest.mark.parametrize("name", ["a blank", "ümläut", "50%", "a,b", "x" * 120])
def test_a_data_directory_of_any_name(data_dir: Path, name: str) -> None:
    with embedded_servers(data_dir / name) as servers:
        with psycopg.connect(servers.urls.database) as connection:
            connection.execute("SELECT 1")
        with redis.from_url(servers.urls.redis) as queue:
            assert queue.ping()
    remove(data_dir / name)


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    with pytest.raises(ConfigurationError, match="EEDS_DATA_DIR"):
        default_data_dir()


def test_killed_postgres_recovers(data_dir: Path) -> None:
    with embedded_servers(data_dir, valkey=False) as servers:
        os.kill(servers.processes["postgres"].pid, signal.SIGKILL)
    with embedded_servers(data_dir, valkey=False) as servers, psycopg.connect(servers.urls.database) as connection:
        connection.execute("SELECT 1")


def test_missing_programs_are_named(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EEDS_PG_BINDIR", str(data_dir / "nothing"))
    with (
        pytest.raises(ConfigurationError, match=r"No PostgreSQL found.*EEDS_PG_BINDIR.*DATABASE_URL"),
        embedded_servers(data_dir),
    ):
        pass
    monkeypatch.setenv("EEDS_VALKEY_SERVER", str(data_dir / "nothing"))
    with (
        pytest.raises(ConfigurationError, match=r"No Valkey or Redis found.*EEDS_VALKEY_SERVER.*REDIS_URL"),
        embedded_servers(data_dir, postgres=False),
    ):
        pass


def test_a_server_that_does_not_start_shows_its_log(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = data_dir / "server"
    broken.write_text("#!/bin/sh\necho I am broken\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("EEDS_VALKEY_SERVER", str(broken))
    with pytest.raises(ConfigurationError, match="I am broken"), embedded_servers(data_dir, postgres=False):
        pass
