"""An import works in several threads from its first rows on: what is loaded late must not be loaded twice at once."""

import subprocess
import sys


def test_what_two_threads_would_load_at_once_is_there_before_them() -> None:
    """`numpy.ma` is asked for by Arrow wherever an array has a mask. Two that ask at once end in a RecursionError."""
    asked = "import sys, node.ingest.harmonise; sys.exit('numpy.ma' not in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False, timeout=60).returncode == 0
