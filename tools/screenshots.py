"""Makes the pictures of the documentation from what commands really print on the demo's folder: `make demo` first."""

import os
import re
import subprocess
import sys
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SHOTS = {
    "kpi": ["kpi", "--as-of", "2026-10-31"],
    "review": ["review", "benchmark", "--as-of", "2026-10-31"],
    "budget": ["budget"],
}
# Pictures load nothing from anywhere: the fonts that the usual template fetches are left out.
FORMAT = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "font-family: Fira Code", "font-family: ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas"
)


def shoot(name: str, words: list[str], home: Path) -> None:
    """Runs a command and writes what it printed as docs/images/NAME.svg."""
    program = Path(sys.executable).with_name("kudos-node")
    environment = os.environ | {"KUDOS_NODE_HOME": str(home)}
    ran = subprocess.run([program, *words], capture_output=True, text=True, check=True, env=environment)
    console = Console(record=True, width=118, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115  nothing is shown
    console.print(Text(f"$ kudos-node {' '.join(words)}", style="bold"))
    console.print(Text(ran.stdout.rstrip()), soft_wrap=False)
    console.save_svg(str(IMAGES / f"{name}.svg"), title="kudos-node", code_format=FORMAT)


def main() -> None:
    """Makes every picture anew."""
    home = ROOT / (sys.argv[1] if len(sys.argv) > 1 else ".demo/node")
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, words in SHOTS.items():
        shoot(name, words, home)
        print(f"docs/images/{name}.svg")


if __name__ == "__main__":
    main()
