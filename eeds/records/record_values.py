"""Records of a few readings, with the values that Python has for them: to and from columns of readings."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

import numpy as np

from eeds.db.binary_copy import Columns
from eeds.formats.table import finite


def readings_of(records: Sequence[Mapping[str, Any]]) -> Columns:
    """Records as columns."""
    starts = [record["start"].astimezone(UTC).replace(tzinfo=None) for record in records]
    values = [np.nan if record["value"] is None else record["value"] for record in records]
    return {
        "metadata_id": np.array([record["metadata_id"] for record in records], np.int64),
        "start": np.array(starts, "datetime64[s]"),
        "value": np.array(values, np.float64),
        "estimated": np.array([record["estimated"] for record in records], bool),
    }


def records_of(readings: Columns) -> list[dict[str, Any]]:
    """Readings as records; missing values are None."""
    columns = (readings[name].tolist() for name in ("metadata_id", "start", "value", "estimated"))
    return [
        {"metadata_id": id, "start": start.replace(tzinfo=UTC), "value": finite(value), "estimated": estimated}
        for id, start, value, estimated in zip(*columns, strict=True)
    ]
