"""The summaries that a registry reads: the latest result of each of its projects, under anonymous ids."""

from typing import Any

from sqlalchemy.orm import Session

from eeds.db.engine import psycopg_connection
from eeds.db.statements import query


def summaries(session: Session, connection_id: int) -> list[dict[str, Any]]:
    """A summary for each project of the connection that has a result, in order of project."""
    rows = psycopg_connection(session).execute(query("runs/registry_summaries"), {"connection_id": connection_id})
    return [summary for (summary,) in rows]
