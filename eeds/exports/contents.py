"""What is in an export: tables of results, diagnostics and records, and their files."""

from collections.abc import Callable, Iterable, Iterator

from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.exports import diagnostics, records, results
from eeds.exports import lifecycle as exports
from eeds.exports.selection import Which
from eeds.formats import csv_file
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


MAKERS: dict[str, Callable[[Session, Which], Table]] = {
    exports.RESULTS: results.table,
    exports.DIAGNOSTICS: diagnostics.table,
    exports.RECORDS: records.table,
}


def table_of(session: Session, principal: Principal, export: exports.Claim) -> Table:
    """What was ordered, read as it is consumed; only what the principal may see."""
    return MAKERS[export.kind](session, Which(principal, export.projects, export.every_result))


def write(format: str, columns: Iterable[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """The file of a table, in parts."""
    if format == exports.CSV:
        return csv_file.write(list(columns), batches)
    from eeds.formats import parquet_file

    return parquet_file.write(list(columns), batches)
