"""`eeds up`, `eeds db`: running the datastore and keeping its schema current."""

import os
from functools import partial
from pathlib import Path

import click

from eeds.config.settings import Settings
from eeds.db.bi_views import make_bi_role
from eeds.db.distribution import distribute as distribute_readings
from eeds.db.migrate import migrate, migration_status
from eeds.server.up import ensure_secret_key
from eeds.server.up import up as run_up


@click.command()
@click.option("--port", default=8000, show_default=True, help="Where the API is served, on 127.0.0.1.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Default: EEDS_DATA_DIR, or your data directory.")
@click.option("--workers", default=1, show_default=True, help="How many processes run the meter.")
@click.option("--seed", type=click.Choice(["dev"]), help="First contents: the demo user and the sample project.")
def up(port: int, data_dir: Path | None, workers: int, seed: str | None) -> None:
    """Run the whole datastore in the foreground until Ctrl-C.

    Without DATABASE_URL or REDIS_URL, Postgres and Valkey are run too, in the data directory.
    """
    environ = {**os.environ, **({"EEDS_DATA_DIR": str(data_dir)} if data_dir else {})}
    ensure_secret_key(Settings.data_dir_of(environ))
    run_up(Settings.from_env(environ), port=port, workers=workers, seed=seed == "dev", environ=environ)


@click.group()
def db() -> None:
    """The database's schema."""


@db.command()
def upgrade() -> None:
    """Apply the migrations that are missing."""
    applied = migrate(Settings.from_env().direct_url, partial(click.echo, err=True))
    click.echo("\n".join(f"applied {name}" for name in applied) or "The schema is current.")


@db.command()
def status() -> None:
    """List the migrations; exit status 1 if some are missing."""
    migrations = migration_status(Settings.from_env().direct_url)
    for migration in migrations:
        click.echo(f"{'applied' if migration.applied else 'missing'} {migration.name}")
    raise SystemExit(any(not migration.applied for migration in migrations))


@db.command("bi-role")
@click.argument("name")
def bi_role(name: str) -> None:
    """Make a database role for a BI tool, which can read the views of the schema bi and nothing else.

    Its password is printed once.
    """
    password = make_bi_role(Settings.from_env().direct_url, name)
    click.echo(f"role: {name}\npassword: {password}")


@db.command()
def distribute() -> None:
    """Spread the readings over the nodes of a Citus, whose coordinator DATABASE_URL names.

    Stop web, workers and relay meanwhile: traces are locked. Called again, it does what is left.
    """
    spread = distribute_readings(Settings.from_env().direct_url, partial(click.echo, err=True))
    click.echo("\n".join(f"distributed {table}" for table in spread) or "The readings are distributed already.")
