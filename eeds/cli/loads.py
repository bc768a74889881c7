"""`eeds loads`: what was sent to be stored, what it changed, and undoing it."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from eeds.cli.remote import remote
from eeds.client import Client, Missing
from eeds.errors import EedsError
from eeds.formats.units import UNIT_NAMES

LISTED = 20
COUNTED = ("created", "updated", "unchanged", "duplicates", "deleted", "refused")


class ListByDefault(click.Group):
    """A group that lists when no command is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments, with the command that is meant."""
        is_named = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if is_named else ["list", *args])


@click.group(cls=ListByDefault)
def loads() -> None:
    """What was sent to be stored, what it changed, and undoing it; without a command: list."""


@loads.command("list")
@click.option("--limit", default=LISTED, show_default=True, metavar="N", type=click.IntRange(1, 10_000))
@remote
def list_loads(client: Client, limit: int) -> None:
    """List the newest loads: who sent what, and what became of it."""
    for load in client.get("loads/", limit=str(limit)):
        click.echo("  ".join([f"{load['id']:>6}", time(load["added"]), f"{load['kind']:<11}", *about(load)]))


@loads.command()
@click.argument("id", type=int)
@remote
def show(client: Client, id: int) -> None:
    """Say what load ID was, and list the first readings that it changed or deleted."""
    load = found(client, id)
    for name, value in facts(load):
        click.echo(f"{name:<12} {value}")
    counts = load["counts"] or {}
    for kind, count in (("changed", counts.get("updated")), ("deleted", counts.get("deleted"))):
        if count:
            for change in client.get(f"loads/{id}/changes/", change=kind, limit=str(LISTED)):
                before, after = value_of(change, "before"), value_of(change, "after")
                click.echo(f"  trace {change['trace']}, {change['start']}: {before} -> {after}")


@loads.command()
@click.argument("id", type=int)
@remote
def undo(client: Client, id: int) -> None:
    """Give the readings that load ID changed the values that they had before it, and delete those that it added."""
    found(client, id)
    undone = client.post(f"loads/{id}/undo/", None)
    click.echo(f"Load {id} is undone by load {undone['id']}: {counts_of(undone)}.")
    click.echo(f"To redo it: eeds loads undo {undone['id']}")


def found(client: Client, id: int) -> Mapping[str, Any]:
    """The load of that id; raises EedsError if there is none."""
    try:
        load: Mapping[str, Any] = client.get(f"loads/{id}/")
    except Missing as error:
        raise EedsError(f"There is no load {id} that you can see; see: eeds loads") from error
    return load


def about(load: Mapping[str, Any]) -> Iterator[str]:
    """What a line says of a load besides."""
    yield f"{load['status']:<7}"
    yield load["user"] or "-"
    yield load["file_name"] or (f"undoes load {load['undoes']}" if load["undoes"] else "-")
    yield counts_of(load)
    if load["undone_by"]:
        yield f"undone by load {load['undone_by']}"


def facts(load: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is known of a load, by name."""
    for name in ("id", "kind", "status", "message", "user", "file_name", "size", "sha256", "undoes", "undone_by"):
        if load[name] is not None:
            yield name, load[name]
    yield "added", time(load["added"])
    yield "records", counts_of(load)
    for unit, energy in (load["energy"] or {}).items():
        yield "energy", f"{energy['added']:,.6g} {UNIT_NAMES.get(unit, unit)} added, {energy['removed']:,.6g} removed"
    yield "traces", f"{load['traces_changed']:,} changed"


def counts_of(load: Mapping[str, Any]) -> str:
    """The counts of a load in words."""
    counts = load["counts"] or {}
    return ", ".join(f"{counts[name]:,} {name}" for name in COUNTED if counts.get(name)) or "nothing changed"


def time(text: str) -> str:
    """2026-05-01 12:00:00Z"""
    return f"{text[:19].replace('T', ' ')}Z"


def value_of(change: Mapping[str, Any], when: str) -> str:
    """A value before or after a change."""
    if change[f"{when}_estimated"] is None:
        return "no reading"
    value = "missing" if change[when] is None else f"{change[when]:g}"
    return f"{value} (estimated)" if change[f"{when}_estimated"] else value
