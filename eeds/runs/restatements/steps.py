"""By how much savings moved from one result to another because of what, when one thing after the other is changed.

Savings are computed from what the earlier result was computed from, then with the later one's readings, then with its
weather too, then its periods, then its settings. What a step moves is the part of what it changes. The steps add up to
the whole, for what remains between stored and computed figures is that of the library, or not explained. Effects that
need two changes together count for the later of the two steps.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

Key = tuple[str, str]  # of savings: the interpretation of the traces, and the method: metered or normalized
Savings = Mapping[Key, float]  # in kWh; what there is no model for is left out

READINGS, WEATHER, PERIODS, SETTINGS = STEPS = ("readings", "weather", "periods", "settings")
LIBRARY, MEMBERSHIP, UNEXPLAINED = "library", "membership", "unexplained"
CAUSES = (LIBRARY, *STEPS, MEMBERSHIP, UNEXPLAINED)


@dataclass(frozen=True)
class Stage:
    """Savings with some of the steps taken; `note` says why there are none."""

    savings: Savings
    note: str | None = None


@dataclass(frozen=True)
class Movement:
    """Savings before and after, in kWh, None where there are none, which counts as 0, and the parts of what moved them
    by cause; after - before is their sum."""

    before: float | None
    after: float | None
    causes: Mapping[str, float] = field(default_factory=dict)

    def of(self, cause: str) -> float:
        """What a cause moved."""
        return self.causes.get(cause, 0.0)

    @property
    def moved(self) -> float:
        """After less before."""
        return (self.after or 0.0) - (self.before or 0.0)


def stages() -> Iterator[Sequence[bool]]:
    """Which of STEPS are taken at each stage: none, the first, the first two, and so on."""
    for taken in range(len(STEPS) + 1):
        yield [step < taken for step in range(len(STEPS))]


def movements(
    before: Savings, after: Savings, computed: Sequence[Stage], *, rests: tuple[str, str]
) -> Mapping[Key, Movement]:
    """The movement of every kind of savings that there is before, after or at a stage.

    `computed` are the `stages`; `rests` are the causes, of both results, of what lies between them and the stage that
    has their input: LIBRARY or UNEXPLAINED.
    """
    keys = sorted({*before, *after, *(key for stage in computed for key in stage.savings)})
    return {key: movement(key, before, after, computed, rests) for key in keys}


def movement(key: Key, before: Savings, after: Savings, computed: Sequence[Stage], rests: tuple[str, str]) -> Movement:
    """The movement of one kind of savings."""
    values = [stage.savings.get(key, 0.0) for stage in computed]
    causes = {step: later - earlier for step, earlier, later in zip(STEPS, values, values[1:], strict=False)}
    # from what is stored to what the same input gives now, at both ends
    ends = (values[0] - before.get(key, 0.0), after.get(key, 0.0) - values[-1])
    for rest, cause in zip(ends, rests, strict=True):
        causes[cause] = causes.get(cause, 0.0) + rest
    return Movement(before.get(key), after.get(key), causes)


def not_computed(before: Savings | None, after: Savings | None) -> Mapping[Key, Movement]:
    """The movements of a project for which nothing is computed: it is in one of two aggregations alone (None: not in
    this one), or it is not known what its results were computed from."""
    is_member = before is not None and after is not None
    before, after = before or {}, after or {}
    return {
        key: moved_by(UNEXPLAINED if is_member else MEMBERSHIP, before.get(key), after.get(key))
        for key in sorted({*before, *after})
    }


def moved_by(cause: str, before: float | None, after: float | None) -> Movement:
    """A movement that has one cause."""
    own = Movement(before, after)
    return replace(own, causes={cause: own.moved})


def unmoved(savings: Savings) -> Mapping[Key, Movement]:
    """The movements of a project with the same result before and after."""
    return {key: Movement(value, value) for key, value in savings.items()}


def accepted(
    movements: Mapping[Key, Movement], before: Savings, after: Savings, fuels: Collection[str]
) -> Mapping[Key, Movement]:
    """Of the movements of a project in two aggregations those of the fuels (interpretations) that were accepted in
    both; savings of a fuel that was accepted in one of the two alone are moved by that."""
    found = {}
    for key in sorted({*before, *after}):
        is_in_both = key[0] in fuels
        found[key] = movements[key] if is_in_both else moved_by(MEMBERSHIP, before.get(key), after.get(key))
    return found
