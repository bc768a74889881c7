"""A progress bar for work on a file; it is drawn on terminals only."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def progress_bar(title: str, size: int) -> Iterator[Callable[[int, int], None]]:
    """Yields a function that sets the bar: the bytes done so far, of the file's `size`, and the rows in them."""
    began = time.monotonic()
    # drawn at every step: there are few, and one may take seconds
    with tqdm(
        total=size, desc=title, unit="B", unit_scale=True, leave=False, disable=None, mininterval=0, miniters=1
    ) as bar:

        def advance(position: int, rows: int) -> None:
            rate = rows / max(time.monotonic() - began, 1e-3)
            bar.set_postfix_str(f"{rows:,} rows, {rate:,.0f}/s", refresh=False)
            bar.update(position - bar.n)

        yield advance
