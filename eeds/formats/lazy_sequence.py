"""Sequences whose items are made when they are looked at."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar, overload

Item = TypeVar("Item")


class LazySequence(Sequence[Item]):
    """A subclass says how many items there are, and makes each of them."""

    @abstractmethod
    def item(self, place: int) -> Item:
        """The item at a place from 0 on."""

    @overload
    def __getitem__(self, place: int) -> Item: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Item]: ...

    def __getitem__(self, place: int | slice) -> Item | Sequence[Item]:
        if isinstance(place, slice):
            return [self.item(each) for each in range(*place.indices(len(self)))]
        return self.item(range(len(self))[place])  # which raises IndexError, and counts from the end
