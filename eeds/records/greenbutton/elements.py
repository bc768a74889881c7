"""Walking an XML document from end to end, with memory for nothing but what is open.

By expat itself: it can refuse a DTD at its first letter, before any entity is declared, so that neither "billion
laughs" nor external entities ever begin; libxml2 reads the DTD first, and trees of elements have to be taken down again
while they grow. What else could grow without end is bounded here: depth, names, the length of a tag and of a text.
"""

from collections.abc import Callable, Mapping
from typing import IO, Any, Protocol
from xml.parsers import expat

from eeds.errors import MalformedBody

CHUNK = 64 * 1024
MAX_DEPTH = 100
MAX_NAMES = 10_000  # of elements, attributes and namespaces; expat keeps them all
MAX_TAG = 1024 * 1024
MAX_TEXT = 4096
SEPARATOR = " "


class Visitor(Protocol):
    """What is told of the elements of a document; names come as NAMESPACE NAME."""

    def start(self, name: str, attributes: Mapping[str, str], line: Callable[[], int]) -> None:
        """An element begins; `line` tells on which line."""

    def end(self, name: str, text: str) -> None:
        """It ends; `text` is what stood in it behind its last child."""


def walk(file: IO[bytes], visitor: Visitor) -> None:
    """Tell the visitor of every element. Raises MalformedBody, with the line, for what is no XML or hostile."""
    parser = expat.ParserCreate(namespace_separator=SEPARATOR)
    listen(parser, visitor)
    fed = 0
    try:
        while chunk := file.read(CHUNK):
            parser.Parse(chunk, False)
            fed += len(chunk)
            # an unfinished tag is read anew with every chunk
            if fed - parser.CurrentByteIndex > MAX_TAG:
                raise refused(parser, "a tag or comment is longer than 1 MB")
            if len(parser.intern) > MAX_NAMES:
                raise refused(parser, f"there are more than {MAX_NAMES:,} names of elements and attributes")
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise MalformedBody(f"Line {error.lineno}: this is no XML: {expat.errors.messages[error.code]}.") from error
    except (LookupError, UnicodeError) as error:
        raise MalformedBody(f"The XML is in an encoding that is not known: {error}.") from error


def listen(parser: expat.XMLParserType, visitor: Visitor) -> None:
    """Let the parser tell the visitor, and refuse what it shall not read."""
    depth = length = 0
    texts: list[str] = []

    def line() -> int:
        return parser.CurrentLineNumber

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, length
        depth += 1
        if depth > MAX_DEPTH:
            raise refused(parser, f"elements are nested deeper than {MAX_DEPTH}")
        texts.clear()
        length = 0
        visitor.start(name, attributes, line)

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
        raise refused(parser, "it has a DOCTYPE, which may declare entities; a Green Button file has none. Remove it")

    parser.buffer_text = True
    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, data, end
    parser.StartDoctypeDeclHandler = doctype
    parser.StartNamespaceDeclHandler = lambda prefix, uri: None  # so that prefixes are among the names that are counted


def refused(parser: expat.XMLParserType, reason: str) -> MalformedBody:
    """What is wrong, and on which line."""
    return MalformedBody(f"Line {parser.CurrentLineNumber}: the XML is refused: {reason}.")
