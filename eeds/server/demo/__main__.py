"""`python -m eeds.server.demo`: a datastore of its own, the tutorial on it, then serving until Ctrl-C."""

import signal
import sys
from pathlib import Path
from types import FrameType

import click

from eeds.client import Client
from eeds.errors import EedsError
from eeds.server.demo.server import USUAL_PORT, Datastore, choose_port, datastore
from eeds.server.demo.tutorial import tutorial
from eeds.server.seed import DEV_PASSWORD, DEV_TOKEN, DEV_USER


@click.command()
@click.option("--exit", "leave", is_flag=True, help="End after the savings, rather than serve on.")
@click.option("--port", type=int, help=f"Default: {USUAL_PORT}, or a free one if that is taken.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where the demo makes its data directory, which it deletes at the end. Default: where temporary files go.",
)
def demo(leave: bool, port: int | None, data_dir: Path | None) -> None:
    """Start a datastore, load a project whose savings are known, run the meter, print what it finds."""
    chosen = choose_port(port)
    if port is None and chosen != USUAL_PORT:
        click.echo(f"Port {USUAL_PORT} is taken; using {chosen}.")
    click.echo("Starting a datastore: Postgres, Valkey, web, relay, worker.")
    with datastore(chosen, data_dir) as running:
        click.echo(f"It is ready at {running.url}; its log: {running.log}")
        with Client(running.url, DEV_TOKEN) as client:
            tutorial(client)
        click.echo(f"\nPortal: {running.url}/portal/    user: {DEV_USER} / {DEV_PASSWORD}")
        click.echo(f"API docs: {running.url}/docs/    token: {DEV_TOKEN}")
        if not leave:
            serve(running)


def serve(running: Datastore) -> None:
    """Stay until Ctrl-C or SIGTERM; raises EedsError if the datastore ends by itself."""
    click.echo("Serving; Ctrl-C ends it and deletes its data.")
    try:
        status = running.process.wait()
    except KeyboardInterrupt:
        click.echo("\nStopping.")
        return
    raise EedsError(f"The datastore has ended with status {status}.")


def interrupt(number: int, frame: FrameType | None) -> None:
    """Let SIGTERM end the demo as Ctrl-C does: with everything put away."""
    raise KeyboardInterrupt


def main() -> None:
    """Run the demo; an error is one line on stderr, without a traceback."""
    signal.signal(signal.SIGTERM, interrupt)
    try:
        demo(prog_name="eeds.server.demo")
    except EedsError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
