"""Every connection that we open is in UTC, and compiles no statement."""

from eeds.db.engine import Database, connect

SHOWN = "SELECT current_setting('timezone'), current_setting('jit'), current_setting('application_name')"


def test_connections_of_a_pool(database: Database) -> None:
    with database.connection() as connection:
        assert connection.execute(SHOWN).fetchone() == ("UTC", "off", "eeds")


def test_connections_beside_a_pool(database_url: str) -> None:
    with connect(database_url, "eeds relay") as connection:
        assert connection.execute(SHOWN).fetchone() == ("UTC", "off", "eeds relay")
