"""The energy of days by the coefficients of the library's five forms of a model."""

import numpy as np
from opendsm.eemeter.models.daily.base_models.c_hdd_tidd import (  # type: ignore[import-untyped]
    set_full_model_coeffs_smooth,
)
from opendsm.eemeter.models.daily.base_models.full_model import full_model  # type: ignore[import-untyped]

from eeds.meter.arrays import Numbers
from eeds.meter.models.compiled.jit import jit

# The forms, by how many coefficients they have: two slopes, smoothed or not; one, smoothed or not; none.
TWO_SMOOTH, TWO, ONE_SMOOTH, ONE, FLAT = FORMS = (7, 5, 4, 3, 1)
# Below it the library does not smooth (get_smooth_coeffs in utilities/base_model.py).
LEAST_SMOOTHING = 0.01


@jit
def full_coefficients(given: Numbers) -> Numbers:
    """The seven of the full model from those of any form: balance point, slope and smoothing of heating, the same of
    cooling, and the intercept. Smoothing of two slopes is in parts of what lies between the balance points."""
    form = len(given)
    if form == TWO_SMOOTH:
        return given.copy()
    if form == TWO:
        return np.array([given[0], given[1], 0.0, given[2], given[3], 0.0, given[4]])
    if form == ONE_SMOOTH:
        return set_full_model_coeffs_smooth(given[0], given[1], given[2], given[3])
    if form == ONE:
        return set_full_model_coeffs_smooth(given[0], given[1], 0.0, given[2])
    return np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, given[0]])


@jit
def smoothed(full: Numbers) -> Numbers:
    """The full coefficients of two smoothed slopes, their smoothing in degrees (get_smooth_coeffs, pct_match = 1)."""
    heating_point, heating_part, cooling_point, cooling_part = full[0], full[2], full[3], full[5]
    found = full.copy()
    found[2] = found[5] = 0.0
    if heating_part < LEAST_SMOOTHING and cooling_part < LEAST_SMOOTHING:
        return found
    both = heating_part + cooling_part
    if both > 1:
        heating_part /= both
        cooling_part /= both
    found[2] = heating_part * (cooling_point - heating_point) / 1
    found[5] = cooling_part * (cooling_point - heating_point) / 1
    found[0] = heating_point + found[2] * 1
    found[3] = cooling_point - found[5] * 1
    return found


@jit
def energy(form: int, full: Numbers, temperature: Numbers, extremes: Numbers) -> Numbers:
    """Of days of these temperatures; `extremes` are the lowest and the highest of those that were fitted."""
    c = smoothed(full) if form == TWO_SMOOTH else full
    return full_model(c[0], c[1], c[2], c[3], c[4], c[5], c[6], extremes, temperature)
