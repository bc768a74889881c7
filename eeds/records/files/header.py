"""Where the header of a table stands, below whatever people put above it, and which of its columns is which field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from eeds.errors import Invalid, MalformedBody
from eeds.formats.text_table import column_twice
from eeds.formats.units import unit_named
from eeds.records.files.profiles import Profile, head_word, in_brackets, known_words, plain
from eeds.records.files.slots import Slots, find_slots

SEARCHED_ROWS = 50
MAX_COLUMNS = 2_000
SHOWN = 3
STARTS, VALUES = ("start", "date", "period"), ("value", "returned")
CLOCK = re.compile(r"\d{1,2}([:.]\d{2}){1,2}(\s*[ap]\.?m\.?)?|\d{1,2}\s*[ap]\.?m\.?|\d{1,2}", re.IGNORECASE)
# of refused rows that come back
ADDED = ("line", "error")
NAMES = ("project_id", "label", "fuel", "unit", "metadata_id")


@dataclass(frozen=True)
class Header:
    """The header of a table: its `row` in the grid, its cells, and the column of each field. `slots` are the columns of
    a wide table, `units` those that heads name, `above` fields that stand above the header."""

    row: int
    cells: Sequence[str]
    places: Mapping[str, int]
    profile: Profile | None = None
    slots: Slots | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    above: Mapping[str, str] = field(default_factory=dict)

    @property
    def ignored(self) -> Sequence[str]:
        """The columns that nothing is made of."""
        used = {*self.places.values(), *(self.slots.places if self.slots else ())}
        return [
            cell for place, cell in enumerate(self.cells) if cell and place not in used and cell.lower() not in ADDED
        ]

    def column_of(self, field: str) -> str:
        """What the table calls the column of a field."""
        return self.cells[self.places[field]] if field in self.places else field


def find_header(rows: Sequence[Sequence[str]], columns: Mapping[str, str] | None = None) -> Header:
    """The header of a table, and which of its columns is which field: as `columns` says (fields to heads), else by a
    profile, else by the words of heads.

    Raises Invalid for `columns` that no row has, and MalformedBody where no row names a start and a value.
    """
    searched = rows[:SEARCHED_ROWS]
    if columns:
        return mapped_header(searched, rows, columns)
    for row, cells in enumerate(searched):
        if len(cells) <= MAX_COLUMNS and (header := header_in(row, cells, rows)):
            return header
    raise unrecognised(searched)


def header_in(row: int, cells: Sequence[str], rows: Sequence[Sequence[str]]) -> Header | None:
    """The header, if the row is one. Raises MalformedBody where two columns have the same head."""
    words = [head_word(cell) for cell in cells]
    profile = profile_of(words)
    slots = find_slots(cells)
    places, twice = places_of(cells, words, profile, slots)
    if not (slots or places.keys() & {*VALUES}) or not places.keys() & {*STARTS}:
        return None
    if twice:
        raise column_twice(*twice[0])
    return header_of(row, cells, rows, places, profile, slots)


def profile_of(words: Sequence[str]) -> Profile | None:
    """The first profile whose words are all in a header row; None if there is none."""
    return next((each for each in known_words().profiles if each.header <= set(words)), None)


def places_of(
    cells: Sequence[str], words: Sequence[str], profile: Profile | None, slots: Slots | None
) -> tuple[dict[str, int], list[tuple[str, int]]]:
    """The column of each field; and heads that are there more than once, with how often, of which one is such a
    column."""
    own = profile.columns if profile else {}
    places = {field: place for place, word in enumerate(words) if (field := own.get(word))}
    free = [
        "" if word in own or (slots and place in slots.places) or word in ADDED else word
        for place, word in enumerate(words)
    ]
    twice = []
    for name, known in known_words().fields.items():
        word = next((each for each in known if each in free), None)
        if name in places or word is None:
            continue
        if free.count(word) > 1 and name in (*STARTS, *VALUES, *NAMES):
            twice.append((cells[free.index(word)], free.count(word)))
        places[name] = free.index(word)
    return places, twice


def header_of(
    row: int,
    cells: Sequence[str],
    rows: Sequence[Sequence[str]],
    places: dict[str, int],
    profile: Profile | None,
    slots: Slots | None,
) -> Header:
    """The header with what its cells and the lines around it say."""
    places = {name: place for name, place in places.items() if slots is None or name not in VALUES}
    by_clock(places, rows[row + 1 : row + 1 + SEARCHED_ROWS])
    units = {
        name: unit
        for name, place in places.items()
        if name in VALUES and (unit := in_brackets(cells[place])) and unit_named(unit)
    }
    above = said_above(rows[:row], profile) if profile else {}
    return Header(row, cells, places, profile, slots, units, above)


def by_clock(places: dict[str, int], below: Sequence[Sequence[str]]) -> None:
    """Tell starts and ends that are times of day alone, beside a column of days, from whole ones; and leave the column
    that says the same again."""
    for whole, clock in (("start", "time"), ("end", "end_time")):
        if whole in places and is_clock(below, places[whole]):
            places.setdefault(clock, places[whole])
            del places[whole]
    if "period" in places and ("start" in places or "date" in places):
        del places["period"]
    if "start" in places and ("time" not in places or not is_day(below, places["start"])):
        for name in ("date", "time"):
            places.pop(name, None)
    elif "start" in places:
        places["date"] = places.pop("start")
    elif "time" in places and not is_clock(below, places["time"]):
        places["start"] = places.pop("time")
        places.pop("date", None)
    if "end_time" in places and not is_clock(below, places["end_time"]):
        places.setdefault("end", places.pop("end_time"))
    if "date" in places and "time" not in places:
        places["start"] = places.pop("date")


def is_clock(below: Sequence[Sequence[str]], place: int) -> bool:
    """Whether the first cells of a column are times of day alone."""
    cells = first_cells(below, place)
    return bool(cells) and all(CLOCK.fullmatch(cell) for cell in cells)


def is_day(below: Sequence[Sequence[str]], place: int) -> bool:
    """Whether the first cells of a column have no time of day."""
    return all(":" not in cell or cell.endswith(("00:00:00", " 0:00")) for cell in first_cells(below, place))


def first_cells(below: Sequence[Sequence[str]], place: int) -> list[str]:
    """The first few cells of a column that say something."""
    return [row[place] for row in below if place < len(row) and row[place]][:SHOWN]


def said_above(preamble: Sequence[Sequence[str]], profile: Profile) -> dict[str, str]:
    """The fields that the lines above the header say, behind their words."""
    found = {name: [behind(preamble, word) for word in words] for name, words in profile.above.items()}
    return {name: " ".join(filter(None, texts)) for name, texts in found.items() if any(texts)}


def behind(preamble: Sequence[Sequence[str]], word: str) -> str:
    """What stands behind a word: in the next cell, or behind a colon; empty if the word is nowhere."""
    for cells in preamble:
        for place, cell in enumerate(cells):
            head, _, rest = cell.partition(":")
            if plain(head) == word and rest.strip():
                return rest.strip()
            if plain(cell) == word and place + 1 < len(cells) and cells[place + 1]:
                return cells[place + 1]
    return ""


def mapped_header(
    searched: Sequence[Sequence[str]], rows: Sequence[Sequence[str]], columns: Mapping[str, str]
) -> Header:
    """The header that has the columns that somebody named; other columns mean what their words say. Raises Invalid."""
    unknown = sorted(columns.keys() - known_words().fields.keys())
    if unknown:
        known = ", ".join(known_words().fields)
        raise Invalid({"columns": [f"{', '.join(unknown)} is no field of a reading; there are: {known}."]})
    wanted = {plain(name) for name in columns.values() if name}
    for row, cells in enumerate(searched):
        by_name = {plain(cell): place for place, cell in reversed([*enumerate(cells)])}
        if wanted <= by_name.keys():
            return named_header(row, cells, rows, columns, by_name)
    heads = next((", ".join(filter(None, cells)) for cells in searched if sum(map(bool, cells)) > 1), "nothing")
    raise Invalid({"columns": [f"No row has all of the columns {', '.join(columns.values())}; one has: {heads}."]})


def named_header(
    row: int,
    cells: Sequence[str],
    rows: Sequence[Sequence[str]],
    columns: Mapping[str, str],
    by_name: Mapping[str, int],
) -> Header:
    """The header whose columns somebody named. A field to which no name is given has no column."""
    named = {name: by_name[plain(head)] for name, head in columns.items() if head}
    words = ["" if place in named.values() else head_word(cell) for place, cell in enumerate(cells)]
    profile = profile_of([head_word(cell) for cell in cells])
    slots = None if "value" in columns else find_slots(cells)
    places = {name: place for name, place in places_of(cells, words, profile, slots)[0].items() if name not in columns}
    if named.keys() & {*STARTS}:
        places = {name: place for name, place in places.items() if name not in (*STARTS, "time")}
    if "value" in named:
        places.pop("returned", None)
    places |= named
    if not places.keys() & {*STARTS, "time"} or not (slots or places.keys() & {*VALUES}):
        raise Invalid({"columns": ["Name the columns of at least the start and the value."]})
    return header_of(row, cells, rows, places, profile, slots)


def unrecognised(searched: Sequence[Sequence[str]]) -> MalformedBody:
    """What to say of a table whose header nobody knows."""
    heads = next((", ".join(filter(None, cells)) for cells in searched if sum(map(bool, cells)) > 1), "nothing")
    return MalformedBody(
        f"The table has no row that names a start and a value among its first {SEARCHED_ROWS}; it has: {heads[:300]}. "
        "Say which columns they are: start=..., value=..."
    )
