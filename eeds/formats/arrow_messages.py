"""How large the batches of an Arrow stream are, found out before any of them is unpacked.

A batch is held whole, and its columns may be packed to a thousandth. What it becomes stands in its message, a
flatbuffer (Message.fbs and the IPC format in Arrow's documentation), and before each packed column.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from eeds.errors import BodyTooLarge, MalformedBody

CONTINUES = b"\xff\xff\xff\xff"
DICTIONARY, RECORDS = 2, 3  # types of messages that have a batch
MAX_METADATA = 2**20
MAX_BATCH_MB = 64
TOO_LARGE = f"The {{}} has more than {MAX_BATCH_MB} MB unpacked; write smaller ones, as of 100,000 rows."


@dataclass(frozen=True)
class Table:
    """A table of a flatbuffer: its fields by number."""

    data: bytes
    at: int

    def place(self, field: int) -> int | None:
        """Where a field stands, None if it is left out."""
        fields = self.at - self.number("<i", self.at)
        if 4 + 2 * field >= self.number("<H", fields):
            return None
        offset = self.number("<H", fields + 4 + 2 * field)
        return self.at + offset if offset else None

    def number(self, layout: str, at: int | None) -> int:
        """A number at a place, 0 for one that is left out."""
        return 0 if at is None else int(struct.unpack_from(layout, self.data, at)[0])

    def child(self, field: int) -> "Table | None":
        """The table in a field."""
        at = self.place(field)
        return None if at is None else Table(self.data, at + self.number("<I", at))

    def pairs(self, field: int) -> Iterator[tuple[int, int]]:
        """The pairs of numbers in a field."""
        at = self.place(field)
        if at is not None:
            begin = at + self.number("<I", at)
            for each in range(self.number("<I", begin)):
                yield struct.unpack_from("<qq", self.data, begin + 4 + 16 * each)


def require_small_batches(file: IO[bytes]) -> None:
    """Raises BodyTooLarge if a batch of the stream that begins here, or all its dictionaries together, have more than
    MAX_BATCH_MB unpacked, and MalformedBody. The file is at the same place afterwards."""
    begin = file.tell()
    dictionaries = 0
    try:
        for kind, batch, body, size in messages(file):
            unpacked = max(size, unpacked_size(file, batch, body, size))
            dictionaries += unpacked if kind == DICTIONARY else 0
            if max(unpacked, dictionaries) > MAX_BATCH_MB * 2**20:
                what = "batch of the Arrow table" if kind == RECORDS else "Arrow table's dictionary"
                raise BodyTooLarge(TOO_LARGE.format(what))
    except (struct.error, OverflowError, OSError) as error:
        raise MalformedBody("The Arrow table is damaged.") from error
    file.seek(begin)


def messages(file: IO[bytes]) -> Iterator[tuple[int, Table, int, int]]:
    """The batches of a stream: the type of each, its description, and where its body begins and how long it is."""
    while len(head := file.read(4)) == 4:
        size = int.from_bytes(file.read(4) if head == CONTINUES else head, "little")
        if size == 0:  # the end of the stream
            return
        metadata = file.read(min(size, MAX_METADATA + 1))
        if len(metadata) > MAX_METADATA:
            raise BodyTooLarge("The Arrow table has a description of more than 1 MB; leave out columns or metadata.")
        if len(metadata) < size:  # it was cut short, which its reader says better
            return
        message = Table(metadata, struct.unpack_from("<I", metadata)[0])
        body, length = file.tell(), message.number("<q", message.place(3))
        if length < 0:
            raise struct.error
        kind, batch = message.number("<B", message.place(1)), message.child(2)
        batch = batch.child(1) if batch and kind == DICTIONARY else batch
        if batch and kind in (DICTIONARY, RECORDS):
            yield kind, batch, body, length
        file.seek(body + length)


def unpacked_size(file: IO[bytes], batch: Table, body: int, size: int) -> int:
    """How many bytes the columns of a batch have; packed ones say it in their first eight."""
    if batch.child(3) is None:
        return size
    total = 0
    for offset, length in batch.pairs(2):
        if length > 0:
            file.seek(body + offset)
            said = struct.unpack("<q", file.read(8))[0]
            total += length if said == -1 else said  # -1: this one is not packed
            if said < -1:
                raise struct.error
    return total
