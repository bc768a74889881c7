"""Fits of an earlier result, so that none is made twice: a correction of a project's gas fits only its gas again."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from eeds.meter.arrays import Indexes
from eeds.meter.provenance import instants, numbers
from eeds.meter.series import Series
from eeds.meter.settings import MeterSettings


@dataclass(frozen=True)
class KeptFit:
    """A fitted model as its result has it, and of a robust one the spread of its copies."""

    model_json: str
    numerical_spread: float | None = None


Kept = Mapping[str, KeptFit]  # by fit_hash
NOTHING_KEPT: Kept = {}


def fit_hash(
    model: str,
    fitted: Series,
    predicted: Sequence[Series],
    settings: MeterSettings,
    *,
    is_electricity: bool,
    bill: Indexes | None = None,
    cools: bool = True,
) -> str:
    """sha256 of all that a fit depends on but the versions: what is fitted, and of a robust fit what is predicted."""
    digest = hashlib.sha256()
    chosen = predicted if settings.robust else ()
    for part in (
        msgspec.json.encode([model, settings.timezone, settings.seed, settings.robust, is_electricity, cools]),
        *bill_lengths(bill),
        *(part for series in (fitted, *chosen) for part in parts_of(series)),
    ):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def bill_lengths(bill: Indexes | None) -> tuple[bytes, ...]:
    """How many days each bill has, whatever its number is in a longer history."""
    return () if bill is None else (np.unique(bill, return_counts=True)[1].astype("<i8").tobytes(),)


def parts_of(series: Series) -> tuple[bytes, ...]:
    """A series as bytes."""
    return instants(series.start), instants(series.dates), numbers(series.energy), numbers(series.temperature)
