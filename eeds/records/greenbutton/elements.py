"""Walking an XML document from end to end, with memory for nothing but what is open.

By expat itself: it can refuse a DTD at its first letter, before any entity is declared, so that neither "billion
laughs" nor external entities ever begin; libxml2 reads the DTD first, and trees of elements have to be taken down again
while they grow. What else could grow without end is bounded here: depth, names, the length of a tag and of a text.
"""

from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from typing import IO, Any, Protocol
from xml.parsers import expat

from eeds.errors import MalformedBody
from eeds.formats.messages import shown

CHUNK = 64 * 1024
MAX_DEPTH = 100
MAX_NAMES = 10_000  # of elements, attributes and namespaces; expat keeps them all
MAX_TAG = 1024 * 1024
MAX_TEXT = 4096
SEPARATOR = " "
EVERY_BYTE = bytes(range(256))
BLANKS = b" \t\r\n"


class Visitor(Protocol):
    """What walk() calls for the elements of a document; names come as NAMESPACE NAME."""

    def start(self, name: str, attributes: Mapping[str, str], line: Callable[[], int]) -> None:
        """An element begins; `line()` is the number of the line that it begins on."""

    def end(self, name: str, text: str) -> None:
        """An element ends; `text` is what stood in it behind its last child."""


def walk(file: IO[bytes], visitor: Visitor) -> None:
    """Call the visitor for every element. Raises MalformedBody, with the line, for what is no XML or hostile."""
    parser = expat.ParserCreate(namespace_separator=SEPARATOR)
    before, chunk = without_blanks(file)
    set_handlers(parser, visitor, before)
    fed = 0
    try:
        while chunk:
            parser.Parse(chunk, False)
            fed += len(chunk)
            # expat reads an unfinished tag again with every chunk
            if fed - parser.CurrentByteIndex > MAX_TAG:
                raise refusal(parser, "a tag or comment is longer than 1 MB", before)
            if len(parser.intern) > MAX_NAMES:
                raise refusal(parser, f"there are more than {MAX_NAMES:,} names of elements and attributes", before)
            chunk = file.read(CHUNK)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        line, reason = error.lineno + before, expat.errors.messages[error.code]
        raise MalformedBody(f"Line {line}: this is no XML: {reason}.") from error


def without_blanks(file: IO[bytes]) -> tuple[int, bytes]:
    """The beginning of a document without blank lines before it, which its declaration must not have, and how many
    lines these are."""
    lines = 0
    while chunk := file.read(CHUNK):
        begins = chunk.removeprefix(BOM_UTF8).lstrip(BLANKS)
        lines += chunk.count(b"\n", 0, len(chunk) - len(begins))
        if begins:
            return lines, begins
    return lines, b""


def set_handlers(parser: expat.XMLParserType, visitor: Visitor, before: int) -> None:
    """Have the parser call the visitor, and refuse what exceeds the limits or declares entities. `before` lines were
    left out."""
    depth = length = 0
    texts: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, length
        depth += 1
        if depth > MAX_DEPTH:
            raise refusal(parser, f"elements are nested deeper than {MAX_DEPTH}", before)
        texts.clear()
        length = 0
        visitor.start(name, attributes, lambda: parser.CurrentLineNumber + before)

    def data(text: str) -> None:
        nonlocal length
        length += len(text)
        if length <= MAX_TEXT:  # longer ones are notes, of which nothing is kept
            texts.append(text)

    def end(name: str) -> None:
        nonlocal depth, length
        depth -= 1
        visitor.end(name, "".join(texts).strip())
        texts.clear()
        length = 0

    def doctype(*_: Any) -> None:
        reason = "it has a DOCTYPE, which may declare entities; a Green Button file has none. Remove it"
        raise refusal(parser, reason, before)

    def declaration(version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and not is_readable(encoding):
            raise refusal(parser, f"its encoding {shown(encoding)} cannot be read. Save it in UTF-8", before)

    parser.buffer_text = True
    parser.XmlDeclHandler = declaration
    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, data, end
    parser.StartDoctypeDeclHandler = doctype
    parser.StartNamespaceDeclHandler = lambda prefix, uri: None  # so that prefixes are among the names that are counted


def is_readable(encoding: str) -> bool:
    """Whether expat reads an encoding: its own ones, and those that Python knows with one byte a character."""
    if encoding.lower() in ("utf-8", "utf-16"):
        return True
    try:
        return len(EVERY_BYTE.decode(encoding, "replace")) == len(EVERY_BYTE)
    except (LookupError, ValueError):
        return False


def refusal(parser: expat.XMLParserType, reason: str, before: int) -> MalformedBody:
    """An error with the line that the parser is on."""
    return MalformedBody(f"Line {parser.CurrentLineNumber + before}: the XML is refused: {reason}.")
