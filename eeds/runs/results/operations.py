"""What a result has beside its nested form: savings, provenance and time series, for whoever may see it.

All raise NotFound for a result that the principal may not see.
"""

from collections.abc import Sequence
from itertools import chain, islice
from typing import Any

from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import find
from eeds.db.cursors import chunks_of
from eeds.db.tables import ProjectResult
from eeds.formats.format import File, Format, write_selected
from eeds.runs.results.retention import require_series
from eeds.runs.results.savings import add_months, savings_of
from eeds.runs.results.series_table import select_series, series_columns

Values = dict[str, Any]


def provenance(session: Session, principal: Principal, result_id: int) -> Values:
    """Versions, settings and weather that the result was computed with; empty for one that no run has found."""
    return find(session, principal, ProjectResult, result_id).provenance or {}


def savings(session: Session, principal: Principal, result_id: int) -> Values:
    """`traces` with their savings in their own units, and their sums in kWh as `aggregations`, each also by month."""
    settings = provenance(session, principal, result_id).get("settings", {})
    confidence_level = settings.get("confidence_level")
    found = add_months(session, result_id, savings_of(session, result_id))
    return {"project_result": result_id, "confidence_level": confidence_level, **found}


def series_file(
    session: Session, principal: Principal, result_id: int, format: Format, trace_ids: Sequence[int] | None = None
) -> File:
    """What was measured and predicted, by trace and time; `trace_ids`: of these traces alone. Raises Gone where it is
    not kept any more."""
    columns = series_columns(session, result_id, format)
    rows = chunks_of(session, select_series(result_id, format, columns, trace_ids))
    # before it is asked whether they are kept: those that are deleted from now on are read as they were
    begun = list(islice(rows, 1))
    require_series(find(session, principal, ProjectResult, result_id))
    pieces = write_selected(format, columns, chain(begun, rows))
    return File(f"project_result_{result_id}_timeseries", format, pieces)
