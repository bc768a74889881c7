"""How much of a request has arrived, so that it is handed to a thread when that will not have to wait for it.

gunicorn's parser reads the same bytes afterwards, and it alone decides what they mean: whatever is malformed counts as
arrived here, and is refused there.
"""

import re

HEAD_END = b"\r\n\r\n"
MAX_HEAD_BYTES = 64 * 1024
MAX_LINE_BYTES = 8 * 1024
CHUNK_SIZE = re.compile(rb"\s*([0-9a-fA-F]{1,15})\s*(?:;|$)")


class Plain:
    """A body with a Content-Length."""

    def __init__(self, length: int) -> None:
        self.missing = length

    @property
    def is_whole(self) -> bool:
        """Whether its last byte is there."""
        return self.missing <= 0

    def add(self, data: bytes) -> None:
        """Note what has arrived."""
        self.missing -= len(data)


class Chunked:
    """A body in chunks: lines with the size of what follows, until one that is 0, and trailers to an empty line."""

    def __init__(self) -> None:
        self.missing = 0  # of the chunk
        self.line = bytearray()
        self.in_trailers = False
        self.is_whole = False

    def add(self, data: bytes) -> None:
        """Note what has arrived."""
        place = 0
        while place < len(data) and not self.is_whole:
            if self.missing:
                taken = min(self.missing, len(data) - place)
                self.missing -= taken
                place += taken
            else:
                end = data.find(b"\n", place) + 1
                self.line += data[place : end or len(data)]
                place = end or len(data)
                if end:
                    self.end_line()
                elif len(self.line) > MAX_LINE_BYTES:
                    self.is_whole = True

    def end_line(self) -> None:
        """Understand a line: the size of a chunk, or a trailer."""
        line = bytes(self.line).strip()
        self.line.clear()
        if self.in_trailers:
            self.is_whole = not line
        elif size := CHUNK_SIZE.match(line):
            length = int(size[1], 16)
            self.in_trailers = not length
            self.missing = length + len(b"\r\n") if length else 0
        else:
            self.is_whole = True


class Arrival:
    """One request on its way: `head` without its end, and the body as soon as the head says what it is."""

    def __init__(self) -> None:
        self.head = bytearray()
        self.body: Plain | Chunked | None = None
        self.body_bytes = 0

    def add(self, data: bytes) -> None:
        """Note what has arrived."""
        if self.body is None:
            searched = max(0, len(self.head) - len(HEAD_END))
            self.head += data
            end = self.head.find(HEAD_END, searched)
            if end < 0:
                return
            data = bytes(self.head[end + len(HEAD_END) :])
            del self.head[end:]
            self.body = self.announced_body()
        self.body.add(data)
        self.body_bytes += len(data)

    def announced_body(self) -> Plain | Chunked:
        """What the head says about the body."""
        if b"chunked" in self.field(b"transfer-encoding").lower():
            return Chunked()
        length = self.field(b"content-length")
        return Plain(int(length) if re.fullmatch(rb"[0-9]{1,18}", length) else 0)

    def field(self, name: bytes) -> bytes:
        """The last value of a field of the head, b"" if it is not there."""
        values = re.findall(rb"(?im)^" + re.escape(name) + rb":([^\r\n]*)", self.head)
        return bytes(values[-1].strip(b" \t")) if values else b""

    @property
    def is_whole(self) -> bool:
        """Whether all of it is there."""
        return self.body is not None and self.body.is_whole

    @property
    def path(self) -> bytes:
        """What is requested, without the query."""
        words = bytes(self.head.partition(b"\r\n")[0]).split()
        return words[1].partition(b"?")[0] if len(words) > 1 else b""

    @property
    def expects_continue(self) -> bool:
        """Whether the client waits to be told before it sends the body."""
        return self.field(b"expect").lower() == b"100-continue"
