"""The lines of a text, of which only those that are looked at are texts of Python."""

import re
from array import array
from collections.abc import Sequence
from typing import overload

LINE_END = re.compile(rb"\r\n|\n|\r")


class TextLines(Sequence[str]):
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

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...

    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        return self.text[self.begins[place] : self.ends[place]].decode()
