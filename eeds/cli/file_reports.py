"""What uploads of files of readings print of the server's answers: what a file was taken for, and the accounts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eeds.cli.upload_reports import UNIT_NAMES, count_of, describe_balance, describe_change
from eeds.formats.plan_messages import describe_plan

LISTED = 20
PLAIN = "plain table"
TALLIES = ("received", "stored", "summed", "refused", "replaced", "overwritten")

Answers = Sequence[Mapping[str, Any]]
Balance = Mapping[str, Mapping[str, float]]


def report(answers: Answers) -> Iterator[str]:
    """What a file was taken for, unless it is a plain table, what became of the readings of its traces, and which
    stored ones differ. Nothing of answers that say none of it."""
    answers = [answer for answer in answers if "plan" in answer]
    if not answers:
        return
    plan = answers[0]["plan"]
    if plan["kind"] != PLAIN:
        yield from describe_plan(plan)
    yield from describe_traces(answers)
    changes = [change for answer in answers for change in answer["changes"]]
    yield from map(describe_change, changes[:LISTED])
    if len(changes) > LISTED:
        yield f"... and {count_of(len(changes) - LISTED, 'change')} more"


def describe_traces(answers: Answers) -> Iterator[str]:
    """What became of the readings of each trace, and of all those in one unit if they are several."""
    balances: dict[tuple[str, str, str, str], Balance] = {}
    for answer in answers:
        for trace in answer["traces"]:
            key = (trace["project_id"], trace["interpretation"], trace["label"] or "", trace["unit"])
            balances[key] = sum_of(balances.get(key), trace["balance"])
    for (project, interpretation, label, unit), balance in list(balances.items())[:LISTED]:
        name = f"{interpretation} of {label or 'a meter without a name'} in {project}"
        yield f"{name}: {describe_balance(balance, unit)}"
    if len(balances) > LISTED:
        yield f"... and {count_of(len(balances) - LISTED, 'trace')} more"
    if len(balances) > 1:
        yield from totals(balances)


def totals(balances: Mapping[tuple[str, str, str, str], Balance]) -> Iterator[str]:
    """What became of all readings that are in one unit."""
    by_unit: dict[str, Balance] = {}
    for (_, _, _, unit), balance in balances.items():
        by_unit[unit] = sum_of(by_unit.get(unit), balance)
    for unit, balance in by_unit.items():
        yield f"all traces in {UNIT_NAMES.get(unit, unit)}: {describe_balance(balance, unit)}"


def sum_of(balance: Balance | None, more: Balance) -> Balance:
    """Two balances together."""
    if balance is None:
        return more
    return {
        name: {key: balance[name][key] + more[name][key] for key in ("readings", "energy")}
        for name in TALLIES
        if name in more
    }
