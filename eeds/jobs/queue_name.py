"""The name of the queue: that of the database whose jobs are in it, so that datastores may share a Redis."""

from typing import Any

import psycopg

from eeds.db.statements import query

PREFIX = "eeds"
# What stands behind the name of a queue in the names of its lanes. A worker takes its next job from the first of them
# that has one: exports are few, and somebody waits for each; runs wait for weather.
LANES = EXPORT_LANE, WEATHER_LANE, RUN_LANE = ("-exports", "-weather", "")


def lanes_of(queue: str) -> list[str]:
    """The names of the lanes of a queue, in the order in which workers look into them."""
    return [queue + lane for lane in LANES]


def queue_of(connection: psycopg.Connection[Any]) -> str:
    """The name of the queue of the database that one is connected to.

    A server that takes over from another one, as its replica, has the same name for it. A database that was restored
    from a dump, on this server or another, has a name of its own, as its runs are others: theirs are PENDING there,
    and its relay puts them into its own queue. Only a copy of the whole server, file by file, has the same name again.
    """
    ((server, database),) = connection.execute(query("jobs/identify_database")).fetchall()
    return f"{PREFIX}-{server}-{database}"
