"""`eeds backup`, `eeds restore`: the whole database as one file, and back."""

from pathlib import Path

import click

from eeds.config.settings import Settings
from eeds.db.migrate import migration_status
from eeds.server import backup as backups


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write the whole database into FILE, as it is at one moment; all processes may work on.

    SECRET_KEY is not in it. Keep that too: without the same key no token is valid any more.
    """
    backups.back_up(Settings.from_env().direct_url, file)
    click.echo(f"Wrote {file}, {file.stat().st_size:,} bytes.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--replace", is_flag=True, help="Delete what is in the database.")
def restore(file: Path, replace: bool) -> None:
    """Restore what `eeds backup` wrote to FILE into an empty database. All is restored, or nothing."""
    url = Settings.from_env().direct_url
    backups.restore(url, file, replace=replace)
    click.echo(f"Restored {file}.")
    missing = [migration.name for migration in migration_status(url) if not migration.applied]
    if missing:
        click.echo(f"It is of an earlier release, whose schema lacks {', '.join(missing)}. Run: eeds db upgrade")
