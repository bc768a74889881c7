"""What of access is over and need not be kept: old attempts to log in, logins, and tokens that programs were given."""

from eeds.accounts.attempts import FORGET_SECONDS
from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query


def delete_expired_access(connection: PsycopgConnection) -> None:
    """Delete it."""
    connection.execute(query("accounts/delete_old_attempts"), {"forget": FORGET_SECONDS})
    connection.execute(query("accounts/delete_expired_logins"))
    connection.execute(query("accounts/delete_expired_client_tokens"))
