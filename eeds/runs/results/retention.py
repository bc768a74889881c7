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


def drop_series(connection: PsycopgConnection, kept: timedelta) -> int:
    """Delete some of the series that have been superseded for longer than `kept`; how many results have lost theirs."""
    row = connection.execute(query("runs/drop_series"), {"kept": kept, "batch": BATCH}).fetchone()
    return int(row[0]) if row else 0


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
