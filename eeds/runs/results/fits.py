"""What decides whether the savings of a fuel count in a portfolio: how well the baseline models of its traces fit."""

from collections.abc import Sequence
from typing import Any

from eeds.meter.names import ALL_FUELS, INTERPRETATIONS, KWH_PER_UNIT, SUPPLIED
from eeds.meter.types import BASELINE, SUCCESS, MeterResult, Trace


def fuels_in(interpretation: str) -> set[str]:
    """The interpretations that are summed under one: those of all that is supplied, or itself."""
    return {INTERPRETATIONS[code] for code in SUPPLIED} if interpretation == ALL_FUELS else {interpretation}


def fit_values(interpretation: str, traces: Sequence[Trace], result: MeterResult) -> dict[str, Any]:
    """Of the traces that a sum of savings is about: the largest `cvrmse` of their baseline models, how many are
    `unmodelled`, the fewest `days` of metered savings, and `bias_squares`: the sum of the squares of mean bias times
    days, kWh^2, None where the bias of one with metered savings is not known."""
    own = [trace for trace in traces if INTERPRETATIONS[trace.interpretation] in fuels_in(interpretation)]
    models = {model.trace_id: model for model in result.traces if model.period == BASELINE}
    known = [models[trace.id] for trace in own if trace.id in models]
    metered = {savings.trace_id: savings.metered.n for savings in result.savings if savings.metered is not None}
    days = [metered[trace.id] for trace in own if trace.id in metered]
    biases = [
        (KWH_PER_UNIT[trace.unit], getattr(models.get(trace.id), "mean_bias", None), metered[trace.id])
        for trace in own
        if trace.id in metered
    ]
    squares = [None if bias is None else (kwh * bias * n) ** 2 for kwh, bias, n in biases]
    return {
        "cvrmse": max((model.cvrmse for model in known if model.cvrmse is not None), default=None),
        "unmodelled": sum(model.status != SUCCESS for model in known),
        "days": min(days, default=None),
        "bias_squares": None if not squares or None in squares else sum(square or 0.0 for square in squares),
    }
