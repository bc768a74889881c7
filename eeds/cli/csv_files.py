"""What is wrong with a file, by line and column."""

from dataclasses import dataclass, field
from pathlib import Path

LISTED = 20


@dataclass
class Complaints:
    """What is wrong with a file, the first few of it in words."""

    path: Path
    count: int = 0
    listed: list[str] = field(default_factory=list)

    def add(self, line: int, column: str | None, value: object, reason: str) -> None:
        """Note that a row is bad, because of the value in a column (None: as a whole)."""
        self.count += 1
        if len(self.listed) < LISTED:
            place = f", column {column}, {value!r}" if column else ""
            self.listed.append(f"  line {line}{place}: {reason}")

    def told(self, consequence: str) -> str:
        """All that was noted, below its number and what follows from it."""
        more = [f"  ... and {self.count - LISTED} more"] if self.count > LISTED else []
        errors = "1 error" if self.count == 1 else f"{self.count} errors"
        return "\n".join([f"{self.path}: {errors}. {consequence}", *self.listed, *more])
