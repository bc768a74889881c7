"""README and docs/ as data: their fenced blocks, tables, headings and links.

A `sh` or `python` block is run by the tests, all of a page in one process: no page has both. A `json` or `text` block
that comes next after it is what it prints, with `...` for what is left out: in JSON as a value, as a key for any other
keys, or as the last item for any other items. A `console` block holds commands that no test can run.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RUN = {"sh", "python"}
LEFT_OUT = "..."
# The meter's figures may differ in their last digits from one processor to another.
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Block:
    """A fenced block, and the line of the page that its fence is on."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Step:
    """A block that is run, and the block that says what it prints, if there is one."""

    run: Block
    shown: Block | None


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [Block(page, text.count("\n", 0, found.start()) + 1, found[1], found[2]) for found in FENCE.finditer(text)]


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def steps(page: Path) -> Iterator[Step]:
    """What a reader runs, in order, each with what the page shows next."""
    found = blocks(page)
    for block, following in zip_longest(found, found[1:]):
        if block.language in RUN:
            is_output = following is not None and following.language in ("json", "text")
            yield Step(block, following if is_output else None)


def is_as_shown(shown: Block, printed: str) -> bool:
    """Whether a command printed what its page shows."""
    if shown.language == "json":
        return same(json.loads(shown.text), json.loads(printed))
    return re.fullmatch(pattern(shown.text), printed) is not None


def pattern(shown: str) -> str:
    """A text as a regular expression: `...` is anything in a line, and on a line of its own any lines or none.

    A line may end in blanks, which data frames print and nobody sees.
    """
    return "".join(
        r"(?:.*\n)*" if line == LEFT_OUT else re.escape(line).replace(re.escape(LEFT_OUT), ".*") + r" *\n"
        for line in shown.splitlines()
    )


def same(shown: Any, printed: Any) -> bool:
    """Whether a decoded answer is what is shown."""
    if shown == LEFT_OUT:
        return True
    if isinstance(shown, dict):
        return isinstance(printed, dict) and same_fields(shown, printed)
    if isinstance(shown, list):
        return isinstance(printed, list) and same_items(shown, printed)
    if isinstance(shown, float):
        return isinstance(printed, float) and math.isclose(shown, printed, rel_tol=TOLERANCE)
    return type(shown) is type(printed) and bool(shown == printed)


def same_fields(shown: Mapping[str, Any], printed: Mapping[str, Any]) -> bool:
    """The same keys with the same values; the key "..." is any others, at least one."""
    known = shown.keys() - {LEFT_OUT}
    keys_fit = known < printed.keys() if LEFT_OUT in shown else known == printed.keys()
    return keys_fit and all(same(shown[key], printed[key]) for key in known)


def same_items(shown: Sequence[Any], printed: Sequence[Any]) -> bool:
    """The same items in the same order; a last one "..." is any others, at least one."""
    if shown and shown[-1] == LEFT_OUT:
        known = len(shown) - 1
        return len(printed) > known and all(map(same, shown[:known], printed[:known]))
    return len(shown) == len(printed) and all(map(same, shown, printed))


def table(page: Path, heading: str) -> list[list[str]]:
    """The rows of the tables below a heading, cell by cell, without the headings of the columns."""
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", prose(page), re.DOTALL | re.MULTILINE)
    assert section, f"{page.name} has no heading {heading}"
    rows = re.findall(r"^\|(.*)\|$", section[1], re.MULTILINE)
    return [[cell.strip() for cell in row.split("|")] for row in rows[2:]]


def code(text: str) -> list[str]:
    """What a text has between backquotes."""
    return re.findall(r"`([^`]*)`", text)


def anchors(page: Path) -> set[str]:
    """What a link may have behind its #: the headings as GitHub spells them there."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
