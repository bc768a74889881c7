"""Wide tables: a row a day, and a column for each hour, half hour or quarter of an hour of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from eeds.records.files.profiles import plain

# how many columns a day may have, and how many minutes each; of a pair the second has the hour that comes twice
MINUTES = {24: 60, 25: 60, 48: 30, 50: 30, 96: 15, 100: 15, 288: 5, 300: 5}
DAY_MINUTES = 24 * 60
CLOCK = re.compile(r"(?P<prefix>\D*?)(?P<hour>\d{1,2}):(?P<minute>\d{2})(:00)?\s*(?P<half>[ap]m)?(?P<rest>\D.*)?", re.I)
NUMBER = re.compile(r"(?P<prefix>.*?\D|)(?P<number>\d{1,4})(?P<rest>\s*[*x'b]|\s*dst)?")
FEWEST = 24


@dataclass(frozen=True)
class Slots:
    """The columns of the parts of a day, in order: `places` in the header, each of so many `minutes`; `extra` are the
    positions among them of the columns that only a day with an hour more has."""

    places: Sequence[int]
    minutes: int
    extra: frozenset[int]


@dataclass(frozen=True)
class Label:
    """What a head says of a part of the day: a word, and the minute of the day or the number of the part."""

    family: str
    number: int
    is_again: bool  # it is marked as the second of two of the same name


def find_slots(cells: Sequence[str]) -> Slots | None:
    """The parts of a day that a header names, by the clock (00:00 to 23:45, kWh_0015 to kWh_2400) or by numbers (HE01
    to HE24, 1 to 24, Interval 1 to 96); None if it is not that of a wide table."""
    if len(cells) < FEWEST:
        return None
    families: dict[str, list[tuple[int, Label]]] = {}
    for place, cell in enumerate(cells):
        label = label_of(cell)
        if label:
            families.setdefault(label.family, []).append((place, label))
    largest = max(families.values(), key=len, default=[])
    minutes = MINUTES.get(len(largest))
    if minutes is None:
        return None
    return slots_of([place for place, _ in largest], [label for _, label in largest], minutes)


def slots_of(places: Sequence[int], labels: Sequence[Label], minutes: int) -> Slots | None:
    """The parts of a day of so many minutes each; None if the labels do not go through a day."""
    too_many = len(labels) - DAY_MINUTES // minutes
    extra = extra_labels(labels, minutes)[:too_many] if too_many else []
    usual = [label.number for position, label in enumerate(labels) if position not in extra]
    if len(extra) != too_many or not is_a_day(usual, minutes):
        return None
    return Slots(places, minutes, frozenset(extra))


def extra_labels(labels: Sequence[Label], minutes: int) -> list[int]:
    """The positions of the labels that a usual day does not have: marked ones, those that are there twice, and those
    behind its end."""
    seen: set[int] = set()
    extra = []
    last = DAY_MINUTES if labels[0].family.startswith("clock") else DAY_MINUTES // minutes
    for position, label in enumerate(labels):
        if label.is_again or label.number in seen or label.number > last:
            extra.append(position)
        seen.add(label.number)
    return extra or [len(labels) - 1]


def is_a_day(numbers: Sequence[int], minutes: int) -> bool:
    """Whether numbers go through a day one by one, or by so many minutes; the last may be called midnight."""
    last = numbers[-1] or numbers[-2] + numbers[1] - numbers[0]
    steps = {after - before for before, after in zip(numbers, [*numbers[1:-1], last], strict=False)}
    return steps in ({1}, {minutes}) and numbers[0] in (0, 1, minutes)


def label_of(cell: str) -> Label | None:
    """What a head says of a part of the day; None for other heads."""
    clock = CLOCK.fullmatch(cell.strip())
    if clock:
        hour, half = int(clock["hour"]), (clock["half"] or "").lower()
        hour = hour % 12 + 12 * (half == "pm") if half else hour
        return Label(f"clock {plain(clock['prefix'])}", hour * 60 + int(clock["minute"]), is_marked(clock["rest"]))
    number = NUMBER.fullmatch(plain(cell.strip().rstrip("*")) + ("*" if cell.strip().endswith("*") else ""))
    if not number:
        return None
    value = int(number["number"])
    if len(number["number"]) == len("0015"):
        return Label(f"clock {number['prefix'].strip()}", value // 100 * 60 + value % 100, bool(number["rest"]))
    return Label(number["prefix"].strip(), value, bool(number["rest"]))


def is_marked(rest: str | None) -> bool:
    """Whether what stands behind a time says that it is the second of its name, rather than when the part ends."""
    return bool(rest) and not any(letter.isdigit() for letter in rest or "")
