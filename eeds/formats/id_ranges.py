"""Ids as people write many of them: single ones and ranges, as 1+3-5."""

from collections.abc import Iterable, Sequence

from eeds.formats.values import parse_int

MAX_TEXT = 1_000_000
MAX_RANGES = 1_000  # each of which is a condition of the statement


def split_id_ranges(text: str) -> Sequence[str]:
    """The parts of a text, each an id or a range; a plus sign in a query string arrives as a blank. Raises ValueError
    for a text of more than MAX_TEXT characters."""
    if len(text) > MAX_TEXT:
        raise ValueError(f"The ids have more than {MAX_TEXT:,} characters; ask for them in parts.")
    return text.replace("+", " ").split()


def merge_id_ranges(parts: Iterable[str]) -> list[tuple[int, int]]:
    """First and last id of the ranges among the parts, in order; ranges that overlap are one. Raises ValueError for
    what is no range, and for more than MAX_RANGES, with what to do."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted({parse_id_range(part) for part in parts if is_id_range(part)}):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(high, merged[-1][1])
        elif low <= high:
            merged.append((low, high))
    if len(merged) > MAX_RANGES:
        raise ValueError(f"There are more than {MAX_RANGES:,} ranges of ids; ask for them in parts.")
    return merged


def is_id_range(part: str) -> bool:
    """Whether a part is meant as a range."""
    return "-" in part


def parse_id_range(part: str) -> tuple[int, int]:
    """First and last id of a range as 3-5; raises ValueError with what to do."""
    first, _, last = part.partition("-")
    low, high = parse_int(first), parse_int(last)
    if low is None or high is None:
        raise ValueError(f'"{part}" is not a range of ids; give it as 3-5.')
    return low, high


def format_id_ranges(ids: Iterable[int]) -> str:
    """Ids in ascending order as such a text."""
    ranges: list[list[int]] = []
    for id in ids:
        if ranges and id == ranges[-1][1] + 1:
            ranges[-1][1] = id
        else:
            ranges.append([id, id])
    return "+".join(f"{first}-{last}" if last > first else f"{first}" for first, last in ranges)
