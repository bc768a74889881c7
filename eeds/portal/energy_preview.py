"""The first rows of a file of readings, and which of its columns is taken for which field."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from eeds.errors import EedsError
from eeds.formats.grid import Grid, read_grid
from eeds.records.files.header import SEARCHED_ROWS, Header, find_header
from eeds.records.files.nem import nem_version
from eeds.records.files.profiles import known_words

ROWS = 8
PART_OF_DAY = "part of a day"
MAX_ROWS, MAX_BYTES = 50_000, 16 * 2**20
MAX_CHOSEN = 40  # columns that one can choose a field for


@dataclass(frozen=True)
class ReadingsPreview:
    """What is known of a table of readings from its beginning: its header and first rows, and the field of each column,
    "" for none. `facts` say what it was taken for; `problem` is why its header is not recognised."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    fields: Sequence[str] = ()
    facts: Sequence[str] = ()
    problem: str = ""

    @property
    def choices(self) -> Sequence[str]:
        """The fields that one can choose for a column; none where there is nothing to choose."""
        return list(known_words().fields) if self.fields else []


def preview_of_readings(head: bytes, *, whole: bool) -> ReadingsPreview:
    """Look at the beginning of a file, the last line of which may have been cut. Raises MalformedBody."""
    end = len(head) if whole else head.rfind(b"\n") + 1
    grid = read_grid(io.BytesIO(head[:end]), MAX_ROWS, MAX_BYTES)
    version = nem_version(grid.rows)
    if version:
        return ReadingsPreview((), grid.rows[:ROWS], facts=[f"It is a {version} file."])
    try:
        header = find_header(grid.rows)
    except EedsError as error:
        return unrecognised(grid, str(error))
    facts = [f"Its header is on line {grid.lines[header.row]}."]
    if header.profile:
        facts.insert(0, f"It is a {header.profile.name}.")
    facts += [f"{name}: {text}, from the lines above the header." for name, text in header.above.items()]
    below = grid.rows[header.row + 1 :][:ROWS]
    return ReadingsPreview(header.cells, below, fields_of(header), facts)


def fields_of(header: Header) -> list[str]:
    """The field of each column."""
    by_place = {place: name for name, place in header.places.items()}
    slots = {*header.slots.places} if header.slots else set()
    return [PART_OF_DAY if place in slots else by_place.get(place, "") for place in range(len(header.cells))]


def unrecognised(grid: Grid, problem: str) -> ReadingsPreview:
    """A table whose header nobody knows: that is the first of its longest rows, as far as can be told."""
    searched = [sum(map(bool, cells)) for cells in grid.rows[:SEARCHED_ROWS]]
    if not searched:
        return ReadingsPreview((), (), problem="The file is empty.")
    row = searched.index(max(searched))
    cells = grid.rows[row]
    fields = [""] * len(cells) if len(cells) <= MAX_CHOSEN else []
    return ReadingsPreview(cells, grid.rows[row + 1 :][:ROWS], fields, problem=problem)
