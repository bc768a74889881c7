"""Fits of an earlier result, so that none is made twice: a correction of a project's gas fits only its gas again."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

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
    model: str, fitted: Series, predicted: Sequence[Series], settings: MeterSettings, *, is_electricity: bool
) -> str:
    """sha256 of all that a fit depends on but the versions: what is fitted, and of a robust fit what is predicted."""
    digest = hashlib.sha256()
    chosen = predicted if settings.robust else ()
    for part in (
        msgspec.json.encode([model, settings.timezone, settings.seed, settings.robust, is_electricity]),
        *(part for series in (fitted, *chosen) for part in parts_of(series)),
    ):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def parts_of(series: Series) -> tuple[bytes, ...]:
    """A series as bytes."""
    return instants(series.start), instants(series.dates), numbers(series.energy), numbers(series.temperature)
