"""Who may import whom: the rooms of the house, and what never enters the web process."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EDGES = {"eeds.api", "eeds.portal", "eeds.cli", "eeds.app", "workers"}
PURE = "eeds.meter"
FOREIGN_TO_THE_METER = ("flask", "sqlalchemy", "rq", "psycopg", "redis")


def modules() -> Iterator[tuple[str, Path]]:
    for package in ("eeds", "workers"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield name.removesuffix(".__init__"), path


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def below(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def room(name: str) -> str | None:
    return next((edge for edge in EDGES if below(name, edge)), None)


MODULES = dict(modules())


@pytest.mark.parametrize("name", MODULES)
def test_the_core_imports_nothing_of_the_edges(name: str) -> None:
    for imported in imports(MODULES[name]):
        edge = room(imported)
        assert edge is None or room(name) is not None, f"{name} imports {imported}"


@pytest.mark.parametrize("name", [name for name in MODULES if below(name, PURE)])
def test_the_meter_is_pure(name: str) -> None:
    for imported in imports(MODULES[name]):
        assert not any(below(imported, package) for package in FOREIGN_TO_THE_METER), f"{name} imports {imported}"
        assert not below(imported, "eeds") or below(imported, PURE), f"{name} imports {imported}"


@pytest.mark.parametrize("name", MODULES)
def test_one_room_imports_the_eemeter(name: str) -> None:
    library = {imported for imported in imports(MODULES[name]) if below(imported, "opendsm")}
    assert not library or below(name, "eeds.meter.models")


def test_the_web_process_has_no_meter() -> None:
    code = "import sys, eeds.app; print(sorted({'opendsm', 'pandas', 'numba', 'rq'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("module", ["eeds.client", "eeds.client.runs", "eeds.cli", "eeds.cli.runs", "eeds.cli.export"])
def test_client_and_commands_have_no_server(module: str) -> None:
    code = (
        f"import sys, {module}; print(sorted({{'flask', 'marshmallow', 'psycopg', 'sqlalchemy'}} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert found.stdout.strip() == "[]"
