"""`python tools/record_caltrack.py PYTHON` writes tests/meter/caltrack_expected.json: what the library that had
CalTRACK's usage per day methods makes of the traces of tests/meter/caltrack_traces.py. PYTHON is one that has it (see
tools/caltrack_reference.py)."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "meter")]

from caltrack_traces import traces  # noqa: E402


def main() -> None:
    """Write the traces where the other Python reads them, and have it write what it finds."""
    found = list(traces())
    arrays = {
        f"{number}_{part}": getattr(trace, part)
        for number, trace in enumerate(found)
        for part in ("edges", "energy", "temperature", "asked")
    }
    names = json.dumps([(trace.name, trace.cools, trace.billing) for trace in found])
    with tempfile.TemporaryDirectory() as directory:
        inputs = Path(directory) / "traces.npz"
        np.savez(inputs, names=np.array(names), **arrays)
        reference, expected = ROOT / "tools" / "caltrack_reference.py", ROOT / "tests/meter/caltrack_expected.json"
        subprocess.run([sys.argv[1], str(reference), str(inputs), str(expected)], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
