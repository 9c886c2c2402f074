"""Makes the pictures of the documentation from what commands really print on the demo's folder: `make demo` first."""

import argparse
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
    "kpi": ["kudos-node", "kpi", "--as-of", "2026-10-31"],
    "review": ["kudos-node", "review", "benchmark", "--as-of", "2026-10-31"],
    "budget": ["kudos-node", "budget"],
    "benchmark": ["kudos-node", "benchmark"],
    "round-status": ["kudos-coordinator", "round", "status", "benchmark-2026-10"],
    "audit": ["kudos-audit", "network", "bundle"],
}
_FOLDER = {"kudos-node": "node", "kudos-coordinator": "coordinator", "kudos-audit": "auditor"}
# Pictures load nothing from anywhere: the fonts that the usual template fetches are left out.
FORMAT = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "font-family: Fira Code", "font-family: ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas"
)


def shoot(name: str, program: str, words: list[str], home: Path) -> None:
    """Runs a command and writes what it printed as docs/images/NAME.svg."""
    variable = f"{program.replace('-', '_').upper()}_HOME"
    path = Path(sys.executable).with_name(program)
    environment = os.environ | {variable: str(home)}
    ran = subprocess.run([path, *words], capture_output=True, text=True, check=True, env=environment, cwd=home.parent)
    lines = [line.rstrip() for line in ran.stdout.rstrip().splitlines()]
    width = max(118, *map(len, lines))
    console = Console(record=True, width=width, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115  nothing is shown
    console.print(Text(f"$ {program} {' '.join(words)}", style="bold"))
    console.print(Text("\n".join(lines)), soft_wrap=False)
    console.save_svg(str(IMAGES / f"{name}.svg"), title=program, code_format=FORMAT)


def main() -> None:
    """Makes the pictures that are named anew, or every one."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--node", default=".demo/nodes/fjordteatret", help="a node's folder")
    arguments.add_argument("--coordinator", default=".demo/coordinator", help="a coordinator's folder")
    arguments.add_argument("--auditor", default=".demo/auditor", help="an auditor's folder, beside a bundle")
    arguments.add_argument("names", nargs="*", metavar="NAME", help="which pictures (default: all)")
    asked = arguments.parse_args()
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name in asked.names or SHOTS:
        program, *words = SHOTS[name]
        shoot(name, program, words, (ROOT / getattr(asked, _FOLDER[program])).resolve())
        print(f"docs/images/{name}.svg")


if __name__ == "__main__":
    main()
