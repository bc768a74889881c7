"""`eeds user`, `eeds token`, `eeds oauth-client`, `eeds seed`: who may use this datastore."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import click
from sqlalchemy.orm import Session

from eeds.accounts import operations
from eeds.accounts.principal import SCOPES
from eeds.accounts.users import user_named
from eeds.config.settings import Settings
from eeds.db.engine import Database
from eeds.formats.timestamps import parse_datetime
from eeds.server.seed import DEV_PASSWORD, DEV_TOKEN, DEV_USER, PROD_USER, seed_dev, seed_prod


@contextmanager
def opened() -> Iterator[tuple[Settings, Session]]:
    """The settings of the environment and a transaction in the database they name."""
    settings = Settings.from_env()
    database = Database(settings.direct_url)
    try:
        with database.session() as session:
            yield settings, session
    finally:
        database.engine.dispose()


class Instant(click.ParamType[datetime]):
    """A time with its offset, ISO 8601."""

    name = "ISO"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The instant, in UTC."""
        try:
            return value if isinstance(value, datetime) else parse_datetime(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.group()
def user() -> None:
    """Users of the datastore."""


@user.command("create")
@click.argument("name")
@click.option("--admin", is_flag=True, help="May see and change every owner's projects.")
@click.password_option(help="For the portal; asked for when not given.")
def create_user_command(name: str, admin: bool, password: str) -> None:
    """Create a user and its project owner."""
    with opened() as (_, session):
        user = operations.create_user(session, name, password, is_admin=admin)
    click.echo(f"Created user {user.name}.")


@user.command("password")
@click.argument("name")
@click.password_option(help="Asked for when not given.")
def set_password_command(name: str, password: str) -> None:
    """Give a user another password; its browsers are logged out, its tokens stay."""
    with opened() as (_, session):
        operations.set_password(session, name, password)
    click.echo(f"User {name} has a new password.")


@user.command("list")
def list_users() -> None:
    """All users: name, project owner, projects, valid tokens, and whether they are admins or disabled."""
    with opened() as (_, session):
        for row in operations.list_users(session):
            marks = [*(["admin"] if row.User.is_admin else []), *disabled_in_words(row.User.disabled)]
            numbers = f"owner {row.owner}\t{row.projects} projects\t{row.tokens} tokens"
            click.echo("\t".join([row.User.name, numbers, *marks]))


def disabled_in_words(disabled: datetime | None) -> list[str]:
    """Since when a user is disabled, if it is."""
    return [] if disabled is None else [f"disabled {disabled}"]


@user.command("disable")
@click.argument("name")
def disable_user_command(name: str) -> None:
    """Keep a user out: no login, and its tokens are refused; what it has requested is done."""
    with opened() as (_, session):
        operations.disable_user(session, name)
    click.echo(f"User {name} is disabled.")


@user.command("enable")
@click.argument("name")
def enable_user_command(name: str) -> None:
    """Let a user in again, with its password and its valid tokens."""
    with opened() as (_, session):
        operations.enable_user(session, name)
    click.echo(f"User {name} is enabled.")


@click.group()
def token() -> None:
    """Bearer tokens for the API."""


@token.command("create")
@click.option("--name", "purpose", help="What it is for.")
@click.option("--user", "name", required=True, help="The user the token acts for.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice([*SCOPES, "none"]), help="Default: all.")
@click.option("--expires", type=Instant(), help="Default: 90 days from now.")
def create_token_command(purpose: str | None, name: str, scopes: Sequence[str], expires: datetime | None) -> None:
    """Print a new token; it is shown this once."""
    allowed = [scope for scope in (scopes or SCOPES) if scope != "none"]
    with opened() as (settings, session):
        user = user_named(session, name)
        new = operations.create_token(session, settings.secret_key, user, allowed, expires, purpose)
    click.echo(new)


@token.command("list")
def list_tokens() -> None:
    """All tokens: id, user, prefix, scopes, when they expire, when they were last used, what they are for."""
    with opened() as (_, session):
        for row, name in operations.list_tokens(session):
            state = "revoked" if row.revoked else f"expires {row.expires or 'never'}"
            scopes = ",".join(row.scopes) or "none"
            used = f"last used {row.last_used or 'never'}"
            about = [row.name] if row.name else []
            click.echo("\t".join([str(row.id), name, f"{row.prefix}...", scopes, state, used, *about]))


@token.command("revoke")
@click.argument("id", type=int)
def revoke_token(id: int) -> None:
    """Make the token of that id (see `eeds token list`) worthless."""
    with opened() as (_, session):
        operations.revoke_token(session, id)
    click.echo(f"Revoked token {id}.")


@click.group("oauth-client")
def oauth_client() -> None:
    """OAuth2 clients: programs that fetch their tokens from /oauth2/token/."""


@oauth_client.command("create")
@click.option("--user", "name", required=True, help="The user the client acts for.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="Default: all.")
def create_client_command(name: str, scopes: Sequence[str]) -> None:
    """Print id and secret of a new client; the secret is shown this once."""
    with opened() as (settings, session):
        user = user_named(session, name)
        client_id, secret = operations.create_client(session, settings.secret_key, user, scopes or SCOPES)
    click.echo(f"client_id: {client_id}\nclient_secret: {secret}")


@click.group()
def seed() -> None:
    """First contents of an empty database."""


@seed.command("dev")
def seed_dev_command() -> None:
    """The demo user and the sample project; for development only."""
    settings = Settings.from_env()
    fresh = seed_dev(Database(settings.direct_url), settings)
    click.echo(f"{'Created' if fresh else 'Found'} user {DEV_USER} / {DEV_PASSWORD} with token {DEV_TOKEN}.")


@seed.command("prod")
def seed_prod_command() -> None:
    """An admin with a random password and token, printed this once."""
    settings = Settings.from_env()
    password, new = seed_prod(Database(settings.direct_url), settings)
    click.echo(f"user: {PROD_USER}\npassword: {password}\ntoken: {new}")
