"""The statements of sql/queries, each in a file of its own."""

from functools import cache
from pathlib import Path

SQL_DIR = Path(__file__).parents[2] / "sql"


@cache
def query(name: str) -> str:
    """The statement in sql/queries/NAME.sql."""
    return (SQL_DIR / "queries" / f"{name}.sql").read_text(encoding="utf-8")


def read_all() -> None:
    """Read them all, so that forks of this process need not."""
    queries = SQL_DIR / "queries"
    for file in queries.rglob("*.sql"):
        query(file.relative_to(queries).with_suffix("").as_posix())
