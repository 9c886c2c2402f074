"""Whether the .proto files are still compatible with those of the baseline commit that pyproject.toml names."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Compares with buf; exits with 1 on a breaking change, or where the baseline is not in this clone."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    baseline = settings["tool"]["kudos"]["wire_baseline"]
    known = subprocess.run(["git", "-C", str(ROOT), "cat-file", "-e", f"{baseline}^{{commit}}"], capture_output=True)
    if known.returncode != 0:
        sys.exit(f"The wire baseline {baseline!r} is not in this clone: fetch the whole history, or set it anew.")
    buf = Path(sys.executable).with_name("buf")
    result = subprocess.run([str(buf), "breaking", "--against", f".git#ref={baseline}"], cwd=ROOT)
    if result.returncode != 0:
        sys.exit("The messages on the wire would no longer be understood by nodes of before.")
    print(f"wire compatible with {baseline[:12]}")


if __name__ == "__main__":
    main()
