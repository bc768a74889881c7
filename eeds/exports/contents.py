"""What is in an export: tables of results, diagnostics and records, and their files."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.exports import diagnostics, kinds, records, results
from eeds.exports.lifecycle import ClaimedExport
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


def table_of(session: Session, principal: Principal, export: ClaimedExport) -> Table:
    """The table that was requested, read as it is consumed; only what the principal may see."""
    selected = Which(principal, export.projects, export.every_result)
    match export.kind:
        case kinds.RESULTS:
            return results.table(session, selected)
        case kinds.DIAGNOSTICS:
            return diagnostics.table(session, selected)
        case _:
            return records.table(session, selected)


def write(format: str, columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """The file of a table in a format of eeds.exports.kinds.FORMATS, in parts."""
    return formats.write(formats.PARQUET if format == kinds.PARQUET else formats.CSV, columns, batches)
