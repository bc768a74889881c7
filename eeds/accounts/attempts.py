"""Attempts to log in: guessing gets slower, for who guesses.

They are counted by name and address together, so that nobody is kept from the own account by what others do elsewhere,
and by address alone, against trying many names. They are counted in the database, without which nobody logs in anyway.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy.orm import Session

from eeds.db.engine import PsycopgConnection, psycopg_connection
from eeds.db.statements import query

# Attempts that do not wait; many people may share an address.
FREE_BY_NAME, FREE_BY_ADDRESS = 5, 60
LONGEST_BY_NAME, LONGEST_BY_ADDRESS = 900, 60  # seconds between two
FORGET_SECONDS = 3600


@dataclass(frozen=True)
class Source:
    """Who somebody says they are, and where."""

    name: str
    address: str

    def by_name(self) -> bytes:
        """The key of the name from this address."""
        return hashlib.sha256(f"{self.name}\0{network_of(self.address)}".encode(errors="replace")).digest()

    def by_address(self) -> bytes:
        """The key of the address."""
        return hashlib.sha256(network_of(self.address).encode(errors="replace")).digest()


def network_of(address: str) -> str:
    """What one person has of addresses: the /64 of an IPv6 one, else the address itself."""
    with suppress(ValueError):
        if isinstance(parsed := ip_address(address), IPv6Address) and not parsed.ipv4_mapped:
            return str(ip_network((parsed, 64), strict=False))
    return address


def count_attempt(session: Session, source: Source) -> int:
    """Count an attempt to log in, and commit that; 0, or for how many seconds nobody looks at one."""
    connection = psycopg_connection(session)
    counted = [
        connection.execute(
            query("accounts/count_attempt"),
            {"who": who, "free": free, "longest": longest, "forget": FORGET_SECONDS},
        ).fetchone()
        for who, free, longest in (
            (source.by_address(), FREE_BY_ADDRESS, LONGEST_BY_ADDRESS),
            (source.by_name(), FREE_BY_NAME, LONGEST_BY_NAME),
        )
    ]
    if all(counted):
        session.commit()
        return 0
    session.rollback()
    return max(1, seconds_to_wait(psycopg_connection(session), source))


def seconds_to_wait(connection: PsycopgConnection, source: Source) -> int:
    """In how many seconds an attempt may be made."""
    who = [source.by_name(), source.by_address()]
    (seconds,) = connection.execute(query("accounts/seconds_to_wait"), {"who": who}).fetchone() or (0,)
    return int(seconds or 0)


def succeeded(session: Session, source: Source) -> None:
    """Forget what was counted of the attempts of somebody who has logged in now."""
    connection = psycopg_connection(session)
    connection.execute(query("accounts/forget_attempts"), {"who": source.by_name()})
    connection.execute(query("accounts/take_attempt_back"), {"who": source.by_address()})
