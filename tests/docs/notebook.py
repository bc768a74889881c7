"""A notebook as data, and its code as Jupyter runs it: cell by cell, in one namespace."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.docs.pages import ROOT

NOTEBOOK = ROOT / "docs" / "tutorial.ipynb"


def cells(path: Path) -> list[dict[str, Any]]:
    """The cells in order."""
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return found


def sources(path: Path, kind: str) -> Iterator[tuple[str, str]]:
    """The source of every cell of a kind, each with what to call the cell."""
    for number, cell in enumerate(cells(path)):
        if cell["cell_type"] == kind:
            yield f"{path.name}, cell {number}", "".join(cell["source"])


def run(path: Path) -> dict[str, Any]:
    """Run the code; gives the namespace as the last cell leaves it."""
    namespace: dict[str, Any] = {}
    for name, source in sources(path, "code"):
        exec(compile(source, name, "exec"), namespace)
    return namespace
