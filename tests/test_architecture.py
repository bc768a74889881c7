"""Who may import whom: the rooms of docs/architecture.md, their arrows, and what never enters some processes."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "architecture.md"
# A room is a folder or module at the top of eeds/, or what runs beside it.
PACKAGES = ("eeds", "workers")
MODULES_BESIDE = ("wsgi.py", "gunicorn.conf.py")
MAX_ROOMS, MAX_FLOORS, MAX_ARROWS, MAX_ENTRIES = 30, 11, 125, 20
MAX_FILE_LINES, MAX_FUNCTION_LINES = 300, 60
# What a client of a server has no use for.
SERVER_ONLY = ("sqlalchemy", "psycopg", "flask")
EEMETER = "opendsm"
LISTS_COMMANDS = "eeds.cli"
# A line of the tree: `  records/   what it is for    -> db errors formats`
TREE_LINE = re.compile(r"^ *(?P<name>[\w.]+)/? +(?P<purpose>.*?) *-> *(?P<arrows>[\w. ]*)$")


def sources() -> Iterator[tuple[str, Path]]:
    """Every module by its dotted name."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path
    for name in MODULES_BESIDE:
        yield name.removesuffix(".py"), ROOT / name


SOURCES = dict(sources())
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in SOURCES.items()}


def imports(name: str) -> set[str]:
    """The modules that a module imports, at its top or anywhere else; of other packages their names."""
    found = set()
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            qualified = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = qualified & SOURCES.keys()
            found |= modules or {node.module}
        elif isinstance(node, ast.Constant) and name == LISTS_COMMANDS and str(node.value).startswith("eeds."):
            found.add(str(node.value))  # the module of a command, imported when that is called
    return found - {name}


def room_of(name: str) -> str:
    """The room that a module is in."""
    parts = name.split(".")
    return parts[1] if parts[0] == "eeds" and len(parts) > 1 else name if name == "gunicorn.conf" else parts[0]


def drawn() -> Mapping[str, set[str]]:
    """The arrows of every room, as the page draws them."""
    text = PAGE.read_text(encoding="utf-8")
    tree = text[text.index("```text") : text.index("```", text.index("```text") + 3)]
    matches = filter(None, map(TREE_LINE.match, tree.splitlines()))
    return {match["name"].removesuffix(".py"): set(match["arrows"].split()) for match in matches}


def built() -> Mapping[str, set[str]]:
    """The arrows of every room, as the code imports."""
    arrows: dict[str, set[str]] = {room_of(name): set() for name in SOURCES}
    for name in SOURCES:
        arrows[room_of(name)] |= {room_of(other) for other in imports(name) if other in SOURCES}
    arrows.pop("eeds")  # the version, which everybody may know
    return {room: others - {room, "eeds"} for room, others in arrows.items()}


def floors(arrows: Mapping[str, set[str]]) -> dict[str, int]:
    """How high each room stands: one floor above the highest that it imports. Raises CycleError."""
    found: dict[str, int] = {}
    for room in TopologicalSorter(arrows).static_order():
        found[room] = 1 + max((found[other] for other in arrows[room]), default=0)
    return found


def test_the_page_draws_what_the_code_imports() -> None:
    assert {room: sorted(arrows) for room, arrows in drawn().items()} == {
        room: sorted(arrows) for room, arrows in built().items()
    }


def test_the_house_is_small_and_every_arrow_points_down() -> None:
    arrows = built()
    assert len(arrows) <= MAX_ROOMS
    assert max(floors(arrows).values()) <= MAX_FLOORS
    assert sum(map(len, arrows.values())) <= MAX_ARROWS


def test_the_package_shows_its_rooms_at_a_glance() -> None:
    entries = sorted(path.name for path in (ROOT / "eeds").iterdir() if path.name not in ("__pycache__", "py.typed"))
    assert len(entries) <= MAX_ENTRIES
    assert {entry.removesuffix(".py") for entry in entries} - {"__init__"} <= drawn().keys()


def test_tests_lie_in_the_tree_of_the_rooms() -> None:
    folders = {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").glob("*/**/test_*.py")}
    assert folders <= drawn().keys() | {"browser", "docs"}


@pytest.mark.parametrize("name", [name for name in SOURCES if room_of(name) == "meter"])
def test_one_room_imports_the_eemeter(name: str) -> None:
    library = {imported for imported in imports(name) if imported.split(".")[0] == EEMETER}
    assert not library or name.startswith("eeds.meter.models")


@pytest.mark.parametrize("name", [name for name in SOURCES if name.startswith(("eeds", "workers"))])
def test_files_and_functions_can_be_read_at_once(name: str) -> None:
    assert len(SOURCES[name].read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MAX_FUNCTION_LINES, node.name


def loaded(code: str, *packages: str) -> str:
    """Those of the packages that a new process has loaded after some code."""
    show = f"import sys; {code}; print(*sorted({set(packages)!r} & set(sys.modules)))"
    return subprocess.run(
        [sys.executable, "-c", show], capture_output=True, text=True, cwd=ROOT, check=True
    ).stdout.strip()


def test_the_web_process_has_no_meter() -> None:
    assert loaded("import eeds.app", EEMETER, "pandas", "numba", "rq", "pyarrow") == ""


@pytest.mark.parametrize("name", [name for name in SOURCES if room_of(name) in ("client", "cli")])
def test_faces_of_other_machines_need_nothing_of_the_server(name: str) -> None:
    if name != "eeds.cli.__main__":
        assert loaded(f"import {name}", *SERVER_ONLY) == ""
