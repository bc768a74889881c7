"""Buildings drawn from populations: the typical and the unruly one, and smooth ones of three climates."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np

from bench.buildings import START, TYPICAL, UNRULY, YEAR, Building, Population, draw
from bench.generators.cases import ELECTRICITY, GAS, Case, NormalYear

# Degree-day buildings with a lagged response and hardly any noise: what is wrong here is wrong with the model's form.
SMOOTH = replace(TYPICAL, name="smooth", noise=(0.005, 0.02), heated=1.0, cooled=1.0)
CLIMATES = {
    "cold": {"annual_mean": (44.0, 50.0), "annual_swing": (22.0, 28.0)},
    "mild": {"annual_mean": (54.0, 60.0), "annual_swing": (8.0, 13.0)},
    "hot": {"annual_mean": (66.0, 72.0), "annual_swing": (14.0, 20.0)},
}


def of_population(population: Population, fuel: str) -> Callable[[int, bool], Case]:
    """What draws the building of a seed, with a retrofit or without."""
    of_fuel = replace(population, heated=1.0, cooled=0.0) if fuel == GAS else population
    return lambda seed, treated: case_of(draw(of_fuel, seed), fuel, seed, treated=treated)


def smooth(fuel: str) -> Callable[[int, bool], Case]:
    """What draws the smooth building of a seed; climates take turns."""

    def case(seed: int, treated: bool) -> Case:
        climate = CLIMATES[list(CLIMATES)[seed // 3 % len(CLIMATES)]]
        return of_population(replace(SMOOTH, **climate), fuel)(seed, treated)

    return case


def case_of(building: Building, fuel: str, seed: int, *, treated: bool) -> Case:
    """A building with a retrofit that saves a fraction of everything, or the same energy of one of its parts alone."""
    share = building.savings if treated else 0.0
    part = retrofitted_part(building, seed)
    parts, normal = np.array(building.parts), np.array(building.normal_parts)
    after = np.arange(parts.shape[1]) >= YEAR * 24
    of_part = parts if part is None else parts[part : part + 1]
    of_normal = normal if part is None else normal[part : part + 1]
    # of a part alone as much as of everything, but no more than half of the part
    fraction = min(0.5, share * parts[:, after].sum() / of_part[:, after].sum()) if part is not None else share
    saved = fraction * of_part.sum(axis=0) * after
    expected = float(normal.sum())
    used = building.expected + building.noise - saved
    return Case(
        str(seed),
        fuel,
        date.fromisoformat(str(START.astype("datetime64[D]"))),
        "UTC",
        # no gas meter runs backwards, whatever the noise
        used=np.maximum(used, 0.0) if fuel == GAS else used,
        saved=saved,
        present=building.present,
        temperature=building.temperature,
        normal_temperature=building.normal_temperature,
        normal=NormalYear(expected, float(fraction * of_normal.sum()) / expected),
    )


def retrofitted_part(building: Building, seed: int) -> int | None:
    """The part that the retrofit is about, None = all of them, as two of three are; of the others one that is used."""
    if seed % 3:
        return None
    used = [place for place, part in enumerate(building.parts) if part.sum() > 0.1 * building.expected.sum()]
    return int(np.random.default_rng(seed).choice(used))


DRAWN = {
    (name, fuel): draws(fuel)
    for name, draws in {
        "typical": lambda fuel: of_population(TYPICAL, fuel),
        "unruly": lambda fuel: of_population(UNRULY, fuel),
        "smooth": smooth,
    }.items()
    for fuel in (ELECTRICITY, GAS)
}
