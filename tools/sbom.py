"""The software bill of materials, from the lock: what is installed, with its hashes, as CycloneDX, always the same.

python -m tools.sbom FILE
"""

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[1]
SPECIFICATION = "1.6"


def made(file: Path) -> None:
    """Writes the SBOM of the program: every package of requirements.txt, without times, serial numbers or addresses."""
    words = ["requirements", "requirements.txt", "--pyproject", "pyproject.toml", "--mc-type", "application"]
    form = ["--output-reproducible", "--short-PURLs", "--sv", SPECIFICATION, "--of", "JSON", "-o", str(file.resolve())]
    tool = Path(sys.executable).with_name("cyclonedx-py")
    subprocess.run([tool, *words, *form], cwd=_ROOT, check=True, capture_output=True)


if __name__ == "__main__":
    made(Path(sys.argv[1]))
