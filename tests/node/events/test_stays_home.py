"""Nothing that makes, sends or fetches knows of events: they never leave."""

import ast
from importlib.util import find_spec
from pathlib import Path

import node

ROOT = Path(next(iter(node.__path__)))
DOORS = ("release", "network", "agent", "wire", "membership", "store", "ingest")


def imported(file: Path) -> set[str]:
    """The modules that a file imports, anywhere in it."""
    found = set()
    for each in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(each, ast.Import):
            found |= {name.name for name in each.names}
        elif isinstance(each, ast.ImportFrom) and each.module:
            found |= {each.module, *(f"{each.module}.{name.name}" for name in each.names)}
    return found


def reached(folder: str) -> set[str]:
    """Every module of ours that the modules of a folder import, and those that these import, and so on."""
    waiting = [f"node.{file.relative_to(ROOT).with_suffix('').as_posix().replace('/', '.')}"
               for file in (ROOT / folder).rglob("*.py")]  # fmt: skip
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        spec = find_spec(name) if name.startswith("node.") and _is_module(name) else None
        if name in seen or spec is None or spec.origin is None:
            continue
        seen.add(name)
        waiting += imported(Path(spec.origin))
    return seen


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split(".")[1:])
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def test_what_releases_sends_and_fetches_imports_no_events() -> None:
    for folder in DOORS:
        modules = reached(folder)
        assert len(modules) > 3, folder
        assert not {each for each in modules if each.startswith(("node.events", "node.benchmark"))}, folder


def test_the_test_would_see_it() -> None:
    assert "node.events.file" in reached("cli")
    assert "node.effects.effect" in reached("cli")
