"""The usage per day model of CalTRACK 2.0, sections 3.1 to 3.4: a base load, and heating and cooling in proportion to
degree days beyond balance points, the same for days and for bills (3.1.1.1, 3.3.1).

All candidates are fitted at once (3.2.1, 3.4.3.1). A candidate is a pair of terms, one for heating and one for cooling,
each a balance point or none; so the candidates are the cells of a table, a row for each cooling term and a column for
each heating term, and everything about them is computed as a table. The least squares of two centered terms need
nothing but their sums of squares and products.
"""

from dataclasses import dataclass

import numpy as np

from eeds.meter.arrays import Indexes, Mask, Numbers, totals

# 3.2.1.1, 3.2.1.2; they may be as far as 3 degrees apart (3.2.3).
BALANCE_POINTS = np.arange(30.0, 91.0)
NONE = len(BALANCE_POINTS)  # the term after the last balance point: no heating, or no cooling
LEAST_DAYS = 10  # with degree days (3.2.2.2.1)
LEAST_DEGREE_DAYS = 20.0  # 3.2.2.2.2
# Balance points beyond all temperatures are the same model, and which of them is best hangs on rounding: of candidates
# whose adjusted R2 differ by less than that, the one with the lowest balance points is taken.
SAME_R2 = 1e-11
# Terms whose squared correlation is nearer to 1 than that are one.
COLLINEAR = 1e-10


@dataclass(frozen=True)
class UsagePerDay:
    """A selected model; a balance point is None where the model has no such term. Energies in the unit of the fit."""

    intercept: float  # a day: the base load (3.3.1.3.1)
    beta_hdd: float  # a degree day (3.3.1.3.2)
    beta_cdd: float
    heating_balance_point: float | None  # degrees Fahrenheit
    cooling_balance_point: float | None
    r_squared_adj: float  # 3.4.3.3.1

    @property
    def explanatory(self) -> int:
        """How many explanatory variables there are, not counting the intercept (3.4.3.3.3)."""
        return sum(point is not None for point in (self.heating_balance_point, self.cooling_balance_point))

    def predict(self, temperature: Numbers) -> Numbers:
        """Use of days of these mean temperatures (3.3.2, 3.6.1); NaN where there is none (3.5.3.1)."""
        energy = np.where(np.isnan(temperature), np.nan, self.intercept)
        if self.heating_balance_point is not None:
            energy = energy + self.beta_hdd * np.maximum(self.heating_balance_point - temperature, 0)
        if self.cooling_balance_point is not None:
            energy = energy + self.beta_cdd * np.maximum(temperature - self.cooling_balance_point, 0)
        return energy


@dataclass(frozen=True, eq=False)
class Design:
    """Days or bills: the use per day of each, its degree days per day for each balance point, and its weight."""

    usage: Numbers
    hdd: Numbers  # a row for each day or bill, a column for each balance point
    cdd: Numbers
    days: Numbers  # that each covers; the weights of bills (3.4.2), ones for days (3.4.1)
    billing: bool


def design_of_days(energy: Numbers, temperature: Numbers) -> Design:
    """Of days that have both an energy and a mean temperature (3.3.4, 3.3.5)."""
    hdd, cdd = degree_days(temperature)
    return Design(energy, hdd, cdd, np.ones(len(energy)), billing=False)


def design_of_bills(energy: Numbers, temperature: Numbers, bill: Indexes) -> Design:
    """Of days that have a temperature and an even share of the bill with this number each: means over the days of a
    bill (3.3.3, 3.3.4.1.1, 3.3.5.1.1)."""
    _, number = np.unique(bill, return_inverse=True)
    days = totals(number)
    shares = (number == np.arange(len(days))[:, None]) / days[:, None]
    hdd, cdd = degree_days(temperature)
    return Design(shares @ energy, shares @ hdd, shares @ cdd, days, billing=True)


def degree_days(temperature: Numbers) -> tuple[Numbers, Numbers]:
    """Heating and cooling degree days of days, a column for each balance point."""
    beyond = temperature[:, None] - BALANCE_POINTS
    return np.maximum(-beyond, 0), np.maximum(beyond, 0)


def fit_usage_per_day(design: Design, *, cools: bool, any_intercept: bool = False) -> UsagePerDay | None:
    """The qualified candidate of the highest adjusted R2 (3.4.3.3); None if none qualifies.

    `cools` is False for fuels that are burned for heat: no cooling is considered (3.2.1.1). `any_intercept` lets models
    qualify whose base load is negative, as behind a generator it may be.
    """
    table = Candidates(design)
    qualified = table.qualified(cools=cools, any_intercept=any_intercept)
    if not qualified.any():
        return None
    criterion = np.where(qualified, table.r_squared_adj, -np.inf)
    cooling, heating = np.argwhere(criterion >= criterion.max() - SAME_R2)[0]
    return selected(design, int(heating), int(cooling), float(criterion[cooling, heating]))


class Candidates:
    """The table of all candidates (3.4.3.1): rows are cooling terms, columns heating terms, the last of each is none.

    Weighted least squares (3.4.1, 3.4.2) of centered terms h and c by their sums, as s_hc = sum of weight * h * c.
    """

    def __init__(self, design: Design) -> None:
        self.design = design
        nothing = np.zeros((len(design.usage), 1))
        heating, cooling = np.hstack([design.hdd, nothing]), np.hstack([design.cdd, nothing])
        means = [np.average(part, axis=0, weights=design.days) for part in (heating, cooling, design.usage)]
        root = np.sqrt(design.days)
        h, c = root[:, None] * (heating - means[0]), root[:, None] * (cooling - means[1])
        y = root * (design.usage - means[2])
        s_hh, s_cc, s_ch = (h * h).sum(axis=0), (c * c).sum(axis=0)[:, None], c.T @ h
        s_hy, s_cy, self.s_yy = h.T @ y, (c.T @ y)[:, None], float(y @ y)
        s_hh[NONE] = s_cc[NONE] = 1.0  # their products with all else are zero, and so are their slopes
        self.determinant = s_hh * s_cc - s_ch**2
        self.is_solvable = self.determinant > COLLINEAR * s_hh * s_cc
        divisor = np.where(self.is_solvable, self.determinant, 1.0)
        self.beta_hdd = (s_cc * s_hy - s_ch * s_cy) / divisor
        self.beta_cdd = (s_hh * s_cy - s_ch * s_hy) / divisor
        self.intercept = means[2] - self.beta_hdd * means[0] - self.beta_cdd * means[1][:, None]
        self.explained = self.beta_hdd * s_hy + self.beta_cdd * s_cy

    @property
    def freedom(self) -> Numbers:
        """Degrees of freedom of each (3.4.3.3.3)."""
        has_term = (np.arange(NONE + 1) < NONE).astype(np.float64)
        return np.asarray(len(self.design.usage) - 1 - has_term - has_term[:, None])

    @property
    def r_squared_adj(self) -> Numbers:
        """3.4.3.3.1; of the base load alone 0 by definition (3.4.3.1.4)."""
        unexplained = 1 - self.explained / self.s_yy if self.s_yy else np.ones_like(self.explained)
        adjusted = np.asarray(1 - unexplained * (len(self.design.usage) - 1) / np.maximum(self.freedom, 1))
        adjusted[NONE, NONE] = 0.0
        return adjusted

    def qualified(self, *, cools: bool, any_intercept: bool) -> Mask:
        """Which candidates have balance points in order (3.2.2.1) with enough degree days (3.2.2.2), more rows than
        coefficients, and no negative coefficient (3.4.3.2)."""
        point = np.append(BALANCE_POINTS, np.nan)
        in_order = ~(point[:, None] < point)
        enough = np.append(self.enough(self.design.cdd), True)[:, None] & np.append(self.enough(self.design.hdd), True)
        fitted = self.is_solvable & ((self.freedom >= 1) | (self.freedom == len(self.design.usage) - 1))
        signs = (self.beta_hdd >= 0) & (self.beta_cdd >= 0) & (any_intercept | (self.intercept >= 0))
        found = in_order & enough & fitted & signs
        if not cools:
            found[:NONE] = False
        return np.asarray(found)

    def enough(self, degree_days: Numbers) -> Mask:
        """Which balance points have at least 20 degree days, and of days at least 10 with any (3.2.2.2)."""
        total = (degree_days * self.design.days[:, None]).sum(axis=0)
        there = (degree_days > 0).sum(axis=0)
        least = 0 if self.design.billing else LEAST_DAYS
        return np.asarray((total >= LEAST_DEGREE_DAYS) & (there >= least))


def selected(design: Design, heating: int, cooling: int, r_squared_adj: float) -> UsagePerDay:
    """The model of one cell of the table, fitted once more in a way that rounds less."""
    terms = [np.ones(len(design.usage))]
    terms += [design.hdd[:, heating]] if heating != NONE else []
    terms += [design.cdd[:, cooling]] if cooling != NONE else []
    root, matrix = np.sqrt(design.days), np.column_stack(terms)
    coefficients, *_ = np.linalg.lstsq(root[:, None] * matrix, root * design.usage)
    intercept, *slopes = (float(each) for each in coefficients)
    return UsagePerDay(
        intercept,
        beta_hdd=slopes[0] if heating != NONE else 0.0,
        beta_cdd=slopes[-1] if cooling != NONE else 0.0,
        heating_balance_point=float(BALANCE_POINTS[heating]) if heating != NONE else None,
        cooling_balance_point=float(BALANCE_POINTS[cooling]) if cooling != NONE else None,
        r_squared_adj=r_squared_adj,
    )
