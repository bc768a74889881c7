"""What the staged records of a load change, found before they are merged."""

from collections.abc import Mapping

from eeds.db.statements import query
from eeds.records.balance import LARGEST, Tally
from eeds.records.consumption import ReadingStore
from eeds.records.interval_store import LISTED_CHANGES, Change


def staged_changes(store: ReadingStore) -> list[Change]:
    """The first stored readings that the load changes, by trace and start; what is copied straight changes nothing."""
    if not store.staging:
        return []
    rows = store.connection.execute(query("records/changed_records"), {"limit": LISTED_CHANGES}).fetchall()
    return [Change(*row) for row in rows]


def staged_overwrites(store: ReadingStore) -> Mapping[int, Tally]:
    """How many stored values the load changes in each trace, and their energy."""
    if not store.staging:
        return {}
    rows = store.connection.execute(query("records/overwritten_records"), {"largest": LARGEST}).fetchall()
    return {id: Tally(readings, energy) for id, readings, energy in rows}


def staged_again(store: ReadingStore) -> Mapping[int, Tally]:
    """The readings of each trace that others of the same start behind them in the body replace."""
    if not store.staging:
        return {}
    rows = store.connection.execute(query("records/staged_again"), {"largest": LARGEST}).fetchall()
    return {id: Tally(readings, energy) for id, readings, energy in rows}
