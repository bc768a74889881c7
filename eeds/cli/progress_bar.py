"""The bar on the terminal while a file is worked through; nothing where the output goes elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def progress_bar(title: str, size: int) -> Iterator[Callable[[int, int], None]]:
    """Gives a function that takes how many of the file's `size` bytes are done with, and how many rows those were."""
    began = time.monotonic()
    # drawn at every step, which are few: a step may be all there is for seconds
    with tqdm(
        total=size, desc=title, unit="B", unit_scale=True, leave=False, disable=None, mininterval=0, miniters=1
    ) as bar:

        def advance(position: int, rows: int) -> None:
            rate = rows / max(time.monotonic() - began, 1e-3)
            bar.set_postfix_str(f"{rows:,} rows, {rate:,.0f}/s", refresh=False)
            bar.update(position - bar.n)

        yield advance
