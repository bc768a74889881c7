"""What uploads print: a progress bar, what became of a file, what is wrong with it, and where they ended early."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from eeds.formats.messages import about_cell, about_repair

LISTED = 20
UNIT_NAMES = {"KWH": "kWh", "THM": "therms"}
INTERRUPTED = 130  # the exit status of a command that was ended by Ctrl-C
GO_ON = "What was sent before that is stored; run this again to go on, it changes nothing of that."


@contextmanager
def progress_bar(title: str, size: int) -> Iterator[Callable[[int, int], None]]:
    """Yields a function that sets the bar: the bytes done so far, of `size` in all, and the rows in them. It is drawn
    on terminals only."""
    began = time.monotonic()
    # drawn at every step: there are few, and one may take seconds
    with tqdm(
        total=size, desc=title, unit="B", unit_scale=True, leave=False, disable=None, mininterval=0, miniters=1
    ) as bar:

        def advance(position: int, rows: int) -> None:
            rate = rows / max(time.monotonic() - began, 1e-3)
            bar.set_postfix_str(f"{rows:,} rows, {rate:,.0f}/s", refresh=False)
            bar.update(position - bar.n)

        yield advance


def describe_counts(counts: Mapping[str, int]) -> str:
    """How many objects became what."""
    return ", ".join(f"{counts[name]:,} {name}" for name in ("created", "updated", "unchanged"))


def count_of(count: int, noun: str) -> str:
    """A count with its noun, in the plural unless it is one."""
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def describe_balance(balance: Mapping[str, Mapping[str, float]], unit: str) -> str:
    """What became of readings and of their energy: received = stored + summed + refused + replaced."""
    received, stored = balance["received"], balance["stored"]
    further = {
        "replaced": "gave way to others of their time",
        "refused": "refused",
    }
    parts = [f"{amount(stored, unit)} stored"]
    if summed := int(balance["summed"]["readings"]):
        parts.append(f"{count_of(summed, 'reading')} added to others of their time")
    parts += [
        f"{amount(balance[name], unit)} {words}" for name, words in further.items() if any(balance[name].values())
    ]
    if any(balance.get("overwritten", {}).values()):
        parts.append(f"{amount(balance['overwritten'], unit)} overwritten that had been stored")
    return f"{amount(received, unit)} received: {', '.join(parts)}"


def amount(tally: Mapping[str, float], unit: str) -> str:
    """Some readings with their energy."""
    return f"{count_of(int(tally['readings']), 'reading')} ({tally['energy']:,.10g} {UNIT_NAMES.get(unit, unit)})"


def describe_change(change: Mapping[str, Any]) -> str:
    """A stored reading that is, or would be, another one; its values are not there for who may not read."""
    if "before" not in change:
        return f"trace {change['trace']}, {change['start']}: another value"
    after = "gone" if change["after"] is None else f"{change['after']:.10g}"
    return f"trace {change['trace']}, {change['start']}: {change['before']:.10g} -> {after}"


def checked_only(dry_run: bool) -> str:
    """What to add to the counts of a dry run; empty for an upload."""
    return " (checked only, nothing was stored)" if dry_run else ""


def print_ignored(path: Path, columns: Sequence[str]) -> None:
    """Print which columns of a file nothing is made of, if there are some."""
    if columns:
        click.echo(f"{path}: ignoring the columns {', '.join(columns)}", err=True)


def print_repairs(path: Path, answer: Mapping[str, Any]) -> None:
    """Print which cells of a table of projects were read as something else than they say, and which are of no use."""
    repairs = [about_repair(each["line"], each["field"], each["before"], each["after"]) for each in answer["repairs"]]
    warnings = [about_cell(each["line"], each["field"], each["value"], each["message"]) for each in answer["warnings"]]
    print_notes(path, answer["repair_count"], repairs)
    print_notes(path, answer["warning_count"], warnings)


def print_notes(path: Path, count: int, notes: Sequence[str]) -> None:
    """Print the first LISTED notes about a file, and how many more there are."""
    for note in notes[:LISTED]:
        click.echo(f"{path}: {note}", err=True)
    if count > LISTED:
        click.echo(f"{path}: ... and {count - LISTED} more", err=True)


def print_changes(path: Path, changes: Sequence[Mapping[str, Any]]) -> None:
    """Print what a table would change of stored projects."""
    for each in changes:
        before = f"{each['before']} " if "before" in each else ""
        click.echo(f"{path}: {each['project_id']}: {each['field']} {before}-> {each['after']}")


def list_errors(path: Path, consequence: str, count: int, errors: Sequence[str]) -> str:
    """How many errors a file has, what follows from that, and the first LISTED errors."""
    more = [f"  ... and {count - LISTED} more"] if count > LISTED else []
    title = f"{path}: {'1 error' if count == 1 else f'{count} errors'}. {consequence}"
    return "\n".join([title, *(f"  {error}" for error in errors[:LISTED]), *more])


def early_end(how: str, done: str, *, dry_run: bool) -> str:
    """That an upload ended before all was sent: how, after what, and what is stored of it."""
    return f"{how} after {done}. {'Nothing was stored.' if dry_run else GO_ON}"


def exit_interrupted(*lines: str) -> None:
    """Print why the program ends, and end it as Ctrl-C does."""
    click.echo("\n".join(lines), err=True)
    click.get_current_context().exit(INTERRUPTED)
