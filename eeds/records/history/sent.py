"""What was sent to a load: said once, by the face that received it, to the session in which it is stored."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

SENT = "sent"  # what a session keeps of it, by name


@dataclass(frozen=True)
class Sent:
    """A body or a file as it was sent: its `file_name` where it has one, how many bytes it is and their sha256, and the
    request's id. `load_id` is that of a load whose row is there before it begins."""

    file_name: str | None = None
    size: int | None = None
    sha256: bytes | None = None
    request_id: str | None = None
    load_id: int | None = None


def announce(session: Session, sent: Sent) -> None:
    """Say what was sent, before it is loaded in this session."""
    session.info[SENT] = sent


def sent_of(session: Session) -> Sent:
    """What was sent; of that nothing is known where nobody has said it."""
    sent: Sent = session.info.get(SENT, Sent())
    return sent
