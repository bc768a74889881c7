"""The sums of savings that a registry may read: so many projects together that nothing can be known of one.

The 15/15 rule, as California's Public Utilities Commission has it for the energy of customers (decision 14-05-016): at
least 15 projects, none of which has more than 15 % of the energy. What a sum does not tell, two sums may, whose results
are the same but for a few: of a connection at two times, or of two connections. So what is told is kept, and a sum is
told if its results are exactly those of one that was told, or differ from those of each by as many as the rule wants,
none of which has more of their energy than it allows. Otherwise the connection gets what it was told last.

The sum over all fuels is not told: less those of the fuels it would be that of a fuel which few have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eeds.db.tables import Project, RegistryConnectionProject, RegistryShare, SavingsAggregation
from eeds.meter.names import ALL_FUELS
from eeds.runs.aggregations.report import sum_values
from eeds.runs.aggregations.settings import AggregationSettings
from eeds.runs.portfolio.members import choose, counts
from eeds.runs.portfolio.members_table import MEMBERS
from eeds.runs.portfolio.sums import KINDS, accepted
from eeds.runs.portfolio.totals import totals

LOCK = 0x7265676973  # of those who tell sums, one after another
TOO_FEW = "Fewer than {} projects have these savings."
TOO_LARGE = "One of the projects has more than {:g} % of the energy."
TOO_ALIKE = (
    "Too few projects, or one with too much of the energy, have changed, joined or left since sums were told that the "
    "difference could be computed from."
)


@dataclass(frozen=True)
class Members:
    """The results in a sum: by project that of its result, and its energy, which is the use without the retrofit."""

    results: Mapping[int, int]
    energies: Mapping[int, float]  # kWh

    def changed(self, other: "Members") -> list[float]:
        """The energies of the projects that are in one of two sums alone, or in both with another result."""
        projects = {project for project, _ in self.results.items() ^ other.results.items()}
        return [max(abs(each.energies.get(project, 0.0)) for each in (self, other)) for project in projects]


@dataclass(frozen=True)
class SharingRule:
    """How many projects a sum has at least, and which share of the energy one of them has at most."""

    projects: int = 15
    share: float = 0.15

    def refusal(self, energies: Sequence[float]) -> str:
        """Why the sum of projects of these energies may not be shared; "" if it may."""
        if len(energies) < self.projects:
            return TOO_FEW.format(self.projects)
        total = sum(map(abs, energies))
        return TOO_LARGE.format(100 * self.share) if max(map(abs, energies)) > self.share * total else ""


def shared_savings(session: Session, connection_id: int, rule: SharingRule) -> list[dict[str, Any]]:
    """The sums that a connection is told, by fuel and kind, in kWh; to be committed, for what is told is kept.

    Each has `savings`, what was told last, and `since` when it is told, both None where it never was, and in `message`
    why it is not today's, "" if it is.
    """
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    links = RegistryConnectionProject
    projects = select(links.project_id).where(links.registry_connection_id == connection_id)
    portfolio = choose(session, Project.id.in_(projects))
    level = counts(portfolio).confidence_level
    settings = AggregationSettings()
    told = []
    for total in totals(portfolio, level):
        for kind in KINDS:
            saved = getattr(total, kind)
            if total.interpretation == ALL_FUELS or saved is None:
                continue
            sums = {**sum_values(saved, settings), "unit": settings.unit, "confidence_level": level}
            members = members_of(session, total.interpretation, kind)
            key = (connection_id, total.interpretation, kind)
            message = tell(session, key, members, sums, rule)
            told.append(last_told(session, key) | {"message": message})
    return told


def members_of(session: Session, fuel: str, kind: str) -> Members:
    """What is in a sum of the portfolio that was chosen."""
    sums, c = SavingsAggregation, MEMBERS.c
    value, baseline = getattr(sums, f"{kind}_value"), getattr(sums, f"{kind}_baseline")
    statement = select(c.project_id, c.result_id, func.coalesce(baseline, 0.0).label("energy")).join(sums, accepted())
    rows = session.execute(statement.where(c.interpretation == fuel, value.is_not(None)).order_by(c.project_id)).all()
    return Members({row.project_id: row.result_id for row in rows}, {row.project_id: row.energy for row in rows})


def tell(
    session: Session, key: tuple[int, str, str], members: Members, sums: Mapping[str, Any], rule: SharingRule
) -> str:
    """Keep a sum as told if it may be; else why not."""
    connection_id, fuel, kind = key
    refusal = rule.refusal(list(members.energies.values()))
    if refusal:
        return refusal
    share = RegistryShare
    of_kind = select(share).where(share.trace_interpretation == fuel, share.kind == kind).order_by(share.id)
    earlier = [(row.registry_connection_id, members_told(row)) for row in session.scalars(of_kind)]
    own = [told for connection, told in earlier if connection == connection_id]
    if own and own[-1].results == members.results:
        return ""
    for _, told in earlier:
        changed = members.changed(told)
        if changed and rule.refusal(changed):
            return TOO_ALIKE
    session.add(
        share(
            registry_connection_id=connection_id,
            trace_interpretation=fuel,
            kind=kind,
            projects=list(members.results),
            results=list(members.results.values()),
            energies=list(members.energies.values()),
            sums=dict(sums),
        )
    )
    session.flush()
    return ""


def members_told(row: RegistryShare) -> Members:
    """What is in a sum that was told."""
    return Members(
        dict(zip(row.projects, row.results, strict=True)), dict(zip(row.projects, row.energies, strict=True))
    )


def last_told(session: Session, key: tuple[int, str, str]) -> dict[str, Any]:
    """What a connection was told last of a fuel and kind, and when."""
    connection_id, fuel, kind = key
    share = RegistryShare
    own = share.registry_connection_id == connection_id, share.trace_interpretation == fuel, share.kind == kind
    row = session.scalar(select(share).where(*own).order_by(share.id.desc()).limit(1))
    told = {"trace_interpretation": fuel, "kind": kind}
    return told | {"savings": row.sums if row else None, "since": row.added if row else None}
