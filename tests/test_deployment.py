"""The files for deployments: compose, the image, and the secrets."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
OURS = ("release", "web", "worker", "relay")
SECRETS = ("SECRET_KEY", "REDIS_PASSWORD", "POSTGRES_PASSWORD")
# `${NAME:-default}`, or `${NAME:?what to do}` where there is none
VARIABLE = re.compile(r"\$\{(?P<name>\w+):(?P<kind>[-?])(?P<text>[^}]*)\}")


def interpolated(text: str) -> str:
    """As compose reads its file where nothing is set but the secrets."""
    return VARIABLE.sub(lambda match: match["text"] if match["kind"] == "-" else f"the-{match['name']}", text)


COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(interpolated(COMPOSE))["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_nothing_starts_without_secrets() -> None:
    required = {match["name"] for match in VARIABLE.finditer(COMPOSE) if match["kind"] == "?"}
    assert required == set(SECRETS)
    assert SERVICES["web"]["environment"]["DATABASE_URL"] == "postgresql://eeds:the-POSTGRES_PASSWORD@database/eeds"
    # a list, for some programs take the words of a command apart before they fill in a variable
    assert SERVICES["queue"]["command"][-2:] == ["--requirepass", "the-REDIS_PASSWORD"]


@pytest.mark.parametrize("name", OURS)
def test_our_processes_can_change_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["init"]
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert service["tmpfs"] == ["/tmp"]
    assert service["environment"]["EEDS_ENV"] == "production"


def test_one_image_is_built_once() -> None:
    assert {SERVICES[name]["image"] for name in OURS} == {"eeds"}
    assert [name for name in SERVICES if "build" in SERVICES[name]] == ["release"]


def test_what_stays_up_comes_back_and_shows_its_health() -> None:
    lasting = SERVICES.keys() - {"release"}
    assert {name for name in lasting if SERVICES[name]["restart"] == "unless-stopped"} == lasting
    assert {name for name in lasting if SERVICES[name]["healthcheck"]["test"]} == lasting
    # a worker and web are given 20 seconds to end what they do
    assert all(SERVICES[name]["stop_grace_period"] == "30s" for name in OURS)


def test_an_upload_leaves_a_process_that_answers() -> None:
    assert SERVICES["web"]["environment"]["WEB_CONCURRENCY"] == 2


def test_the_database_is_ready_when_others_can_reach_it() -> None:
    """While the image sets it up, Postgres answers on its socket alone, and then starts once more."""
    assert SERVICES["database"]["healthcheck"]["test"][:4] == ["CMD", "pg_isready", "--host", "127.0.0.1"]


def test_the_api_is_on_the_loopback_port_alone() -> None:
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["web"]


def test_who_needs_whom_is_there() -> None:
    for service in SERVICES.values():
        assert service.get("depends_on", {}).keys() <= SERVICES.keys()
    mounted = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert mounted == yaml.safe_load(interpolated(COMPOSE))["volumes"].keys()


def test_images_are_pinned_and_backups_fit_the_database() -> None:
    bases = re.findall(r"^FROM (\S+:\S+)", DOCKERFILE, re.MULTILINE)
    others = [service["image"] for service in SERVICES.values() if service["image"] != "eeds"]
    assert bases
    assert all(re.search(r":\d+\.\d+(\.\d+)?(-[a-z-]+)?$", image) for image in (*bases, *others))
    (client,) = re.findall(r"postgresql-client-(\d+)", DOCKERFILE)
    assert SERVICES["database"]["image"].startswith(f"postgres:{client}.")


def test_the_image_is_not_run_by_root() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\d+)$", last, re.MULTILINE) == ["10001"]


def test_what_libraries_keep_is_where_a_worker_can_write() -> None:
    kept = dict(re.findall(r"(NUMBA_CACHE_DIR|MPLCONFIGDIR)=(\S+)", DOCKERFILE))
    (volume,) = SERVICES["worker"]["volumes"]
    assert set(kept.values()) == {volume.partition(":")[2]}
    assert len(kept) == 2


def test_a_change_of_the_source_leaves_the_compiled_meter() -> None:
    *_, compiled, last = DOCKERFILE.split("\nFROM ")
    copied = re.findall(r"^COPY (\S+) ", compiled, re.MULTILINE)
    assert copied == ["eeds/__init__.py", "eeds/meter"]
    assert all((ROOT / path).exists() for path in copied)
    # afterwards, so that the files have the times that the compiled code knows
    assert last.index("COPY . .") < last.index("COPY --from=compiled /app/eeds/meter")


@pytest.mark.parametrize("name", [".gitignore", ".dockerignore"])
def test_secrets_stay_where_they_are(name: str) -> None:
    assert ".env" in (ROOT / name).read_text(encoding="utf-8").split()


def write_env(file: Path) -> str:
    """What `script/env FILE` says."""
    return subprocess.run([ROOT / "script" / "env", file], check=True, capture_output=True, text=True).stdout


def test_secrets_are_written_once(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert write_env(file) == "".join(f"wrote {name} to {file}\n" for name in SECRETS)
    assert file.stat().st_mode & 0o777 == 0o600
    written = file.read_text()
    values = dict(line.split("=") for line in written.splitlines())
    assert tuple(values) == SECRETS
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in values.values())
    assert len(set(values.values())) == len(SECRETS)
    assert write_env(file) == "".join(f"{file} has {name} already\n" for name in SECRETS)
    assert file.read_text() == written


def test_secrets_that_are_there_are_kept(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("POSTGRES_PASSWORD=eeds\n")
    write_env(file)
    assert file.read_text().startswith("POSTGRES_PASSWORD=eeds\nSECRET_KEY=")
    assert file.read_text().count("POSTGRES_PASSWORD=") == 1
