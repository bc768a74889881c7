"""`eeds user`, `eeds token`, `eeds oauth-client`: the accounts that an operator makes on the server."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from eeds.accounts.tokens import authenticate
from eeds.accounts.users import user_with
from eeds.cli import cli
from eeds.db.engine import Database

PASSWORD, OTHER = "long enough to pass", "another long password"
SECRET = "a secret key for the tests, long enough"
Eeds = Callable[..., Result]


@pytest.fixture
def eeds(database_url: str, monkeypatch: pytest.MonkeyPatch, database: Database) -> Eeds:
    """Runs a command on the emptied database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SECRET_KEY", SECRET)
    return lambda *words: CliRunner().invoke(cli, words)


def test_users(eeds: Eeds, database: Database) -> None:
    assert eeds("user", "create", " ada ", "--admin", "--password", PASSWORD).output == "Created user ada.\n"
    assert eeds("user", "password", "ada", "--password", OTHER).output == "User ada has a new password.\n"
    with database.session() as session:
        ada = user_with(session, "ada", OTHER)
        assert ada is not None
        assert ada.is_admin
        assert user_with(session, "ada", PASSWORD) is None


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("create", "ada", "--password", PASSWORD), "There is a user ada already."),
        (("create", "", "--password", PASSWORD), "A name has 1 to 255 characters that can be seen."),
        (("create", "a\tb", "--password", PASSWORD), "A name has 1 to 255 characters that can be seen."),
        (("create", "bob", "--password", "too short"), "A password must have 12 to 1,024 characters."),
        (("password", "ada", "--password", "too short"), "A password must have 12 to 1,024 characters."),
        (("password", "bob", "--password", PASSWORD), "There is no user 'bob'."),
    ],
)
def test_users_that_cannot_be(eeds: Eeds, words: tuple[str, ...], reason: str) -> None:
    """The rules are those of the portal."""
    eeds("user", "create", "ada", "--password", PASSWORD)
    assert str(eeds("user", *words).exception) == reason


def test_tokens(eeds: Eeds, database: Database) -> None:
    eeds("user", "create", "ada", "--password", PASSWORD)
    token = eeds("token", "create", "--user", "ada", "--scope", "read").output.strip()
    with database.session() as session:
        principal = authenticate(session, SECRET, token)
        assert principal is not None
        assert (principal.scopes, principal.is_admin) == ({"read"}, False)
    eeds("token", "create", "--user", "ada", "--scope", "none", "--expires", "2001-01-01T00:00:00Z")
    first, second = eeds("token", "list").output.splitlines()
    assert first.startswith(f"1\tada\t{token[:12]}...\tread\texpires ")
    assert second.split("\t")[3:] == ["none", "expires 2001-01-01 00:00:00+00:00", "last used never"]
    assert eeds("token", "revoke", "1").output == "Revoked token 1.\n"
    assert "\trevoked\t" in eeds("token", "list").output
    with database.session() as session:
        assert authenticate(session, SECRET, token) is None
    for id in ("1", "9"):
        assert str(eeds("token", "revoke", id).exception).startswith(f"There is no token {id} ")
    assert str(eeds("token", "create", "--user", "bob").exception) == "There is no user 'bob'."


def test_oauth_clients(eeds: Eeds) -> None:
    eeds("user", "create", "ada", "--password", PASSWORD)
    first, second = eeds("oauth-client", "create", "--user", "ada").output.splitlines()
    assert first.startswith("client_id: ")
    assert second.startswith("client_secret: eeds_")


def test_a_user_is_kept_out_and_let_in(eeds: Eeds, database: Database) -> None:
    eeds("user", "create", "ada", "--admin", "--password", PASSWORD)
    token = eeds("token", "create", "--user", "ada", "--name", "nightly upload").output.strip()
    assert eeds("token", "list").output.endswith("\tlast used never\tnightly upload\n")
    assert eeds("user", "list").output == "ada\towner 1\t0 projects\t1 tokens\tadmin\n"

    def is_let_in() -> bool:
        with database.session() as session:
            return authenticate(session, SECRET, token) is not None

    assert is_let_in()
    assert eeds("user", "disable", "ada").output == "User ada is disabled.\n"
    assert "\tadmin\tdisabled 20" in eeds("user", "list").output
    assert not is_let_in()
    assert eeds("user", "enable", "ada").output == "User ada is enabled.\n"
    assert is_let_in()
    assert str(eeds("user", "disable", "bob").exception) == "There is no user 'bob'."
