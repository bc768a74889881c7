"""A group of the datastore, as a choice of projects."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """The projects of a saved group, by its name or id: `client.run(Group("North"))`."""

    which: int | str
