"""How long time series are kept: those of a superseded result may be deleted, its figures and provenance stay.

A result is superseded by a later one of its project that was ordered with the same settings; copies have one set of
series, which is superseded with the last of them. See sql/queries/runs/drop_series.sql.
"""

from datetime import timedelta

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.db.tables import ProjectResult
from eeds.errors import Gone

# Sets in a statement: few enough that runs do not wait for it.
BATCH = 200


def drop_series(connection: PsycopgConnection, kept: timedelta) -> tuple[int, bool]:
    """Delete series that have been superseded for longer than `kept`, some at a time; how many results have lost theirs,
    and whether there may be more to delete."""
    row = connection.execute(query("runs/drop_series"), {"kept": kept, "batch": BATCH}).fetchone()
    assert row is not None
    looked_at, results = row
    return results, looked_at == BATCH


def dropped_text(result: ProjectResult) -> str | None:
    """What to say of a result whose series have been deleted; None of any other."""
    if result.series_dropped is None:
        return None
    return (
        f"The time series of this result were deleted on {result.series_dropped:%Y-%m-%d}: a later run of its project "
        "with the same settings has replaced it. Its savings, models and provenance stay."
    )


def require_series(result: ProjectResult) -> None:
    """Raises Gone if the series of the result have been deleted."""
    if text := dropped_text(result):
        raise Gone(text)
