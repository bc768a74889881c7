"""The lines of a text, of which only those that are looked at are texts of Python."""

import re
from array import array

from eeds.formats.lazy_sequence import LazySequence

LINE_END = re.compile(rb"\r\n|\n|\r")


class TextLines(LazySequence[str]):
    """The lines of a text in UTF-8, as LINE_END parts them."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.begins, self.ends = array("i", [0]), array("i")
        for end in LINE_END.finditer(text):
            self.ends.append(end.start())
            self.begins.append(end.end())
        self.ends.append(len(text))

    def __len__(self) -> int:
        return len(self.ends)

    def item(self, place: int) -> str:
        """A line, without its end."""
        return self.text[self.begins[place] : self.ends[place]].decode()
