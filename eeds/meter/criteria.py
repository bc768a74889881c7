"""A criterion of data: what was measured, what is required, by whom, and what to do."""

from dataclasses import dataclass

LOAD = "Load the missing readings, or move the period."
WEATHER = "Load the temperatures of the missing days, or choose another weather_station."
LOOK = "Check the meter and what was loaded from it."
EEDS = "eeds"
NONE = "none"  # is required
CALTRACK = "CalTRACK "  # begins a clause of it


@dataclass(frozen=True)
class Criterion:
    """One requirement and whether it is met; one that does not disqualify is worth a look."""

    name: str
    measured: str
    required: str
    passed: bool
    clause: str  # of CalTRACK, as "CalTRACK 2.2.3.4, 2.2.3.5", or whose requirement it is
    advice: str
    disqualifies: bool = True
    is_obstacle: bool = False  # without which there is nothing to fit: no setting ignores it
    is_told: bool = False  # in results also where it is met, for it names what was done to readings

    def __str__(self) -> str:
        by = f", {self.clause}" if self.is_caltracks else ""
        return f"{self.name} (measured {self.measured}, required {self.required}{by})"

    @property
    def flag(self) -> str:
        """What a result says of it, as "bills of more than 35 days (CalTRACK 3.5.5.4): 1 (2014-06-01, 36 days)"."""
        by = f" ({self.clause})" if self.is_caltracks else ""
        required = "" if self.required == NONE or self.passed else f", required {self.required}"
        return f"{self.name}{by}: {self.measured}{required}"

    @property
    def is_caltracks(self) -> bool:
        """Whether a clause of CalTRACK requires it."""
        return self.clause.startswith(CALTRACK)

    @property
    def numbers(self) -> list[str]:
        """Of the clauses of CalTRACK."""
        return self.clause.removeprefix(CALTRACK).split(", ") if self.is_caltracks else []


def at_least(least: int, name: str, count: int, clause: str, advice: str, measured: str = "") -> Criterion:
    """There must be so many of something; `measured` says more than the count."""
    return Criterion(name, measured or f"{count}", f"at least {least}", count >= least, clause, advice)


def none_of(
    name: str, count: int, clause: str, advice: str, *, measured: str = "", disqualifies: bool = False
) -> Criterion:
    """There must be none of something, or it is worth a look; `measured` says more than the count."""
    return Criterion(name, measured or f"{count}", NONE, count == 0, clause, advice, disqualifies)
