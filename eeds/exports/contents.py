"""What is in an export: tables of results, diagnostics and records, and their files."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy.orm import Session

from eeds.accounts.users import Principal
from eeds.exports import diagnostics, records, results
from eeds.exports import lifecycle as exports
from eeds.exports.selection import Which
from eeds.formats import format as formats
from eeds.formats.table import Batch, Column, Table


class Counted:
    """The batches as they are read, and how many rows those were."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        self.batches = batches
        self.done = 0

    def __iter__(self) -> Iterator[Batch]:
        for batch in self.batches:
            yield batch
            self.done += len(batch)


def table_of(session: Session, principal: Principal, export: exports.Claim) -> Table:
    """The table that was asked for, read as it is consumed; only what the principal may see."""
    selected = Which(principal, export.projects, export.every_result)
    match export.kind:
        case exports.RESULTS:
            return results.table(session, selected)
        case exports.DIAGNOSTICS:
            return diagnostics.table(session, selected)
        case _:
            return records.table(session, selected)


def write(format: str, columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """The file of a table in a format of lifecycle.FORMATS, in parts."""
    return formats.write(formats.PARQUET if format == exports.PARQUET else formats.CSV, columns, batches)
