"""How much a bulk load may hold and take: a row costs little, millions of them add up."""

from collections.abc import Iterator
from dataclasses import dataclass

from eeds.errors import BodyTooLarge
from eeds.records.batch import Batch


@dataclass(frozen=True)
class LoadLimits:
    """Bounds of one load, which the settings say (eeds.config.limits). `dry_run_rows`: of a dry run, which writes all
    and takes it back. `refused_rows`: after so many that are refused, or that are read one by one, no more are read."""

    rows: int
    dry_run_rows: int
    refused_rows: int


def bounded(batches: Iterator[Batch], limits: LoadLimits, *, dry_run: bool = False) -> Iterator[Batch]:
    """The batches, as long as there are not too many rows in them; raises BodyTooLarge."""
    most = limits.dry_run_rows if dry_run else limits.rows
    rows = unusual = 0
    for batch in batches:
        rows += batch.sent
        unusual += batch.sent if batch.is_unusual else 0
        if rows > most:
            what = "dry run" if dry_run else "load"
            raise BodyTooLarge(f"The body has more than the {most:,} rows that a {what} takes; send it in parts.")
        if unusual > limits.refused_rows:
            raise BodyTooLarge(
                f"More than {limits.refused_rows:,} rows have to be read one by one, because something in them or near "
                "them is not as the API writes it; send the body in parts."
            )
        yield batch
