"""Makes the stubs of the protocol buffers anew, or with --check says whether the committed ones are up to date."""

import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent


def generate(out: Path) -> None:
    """Writes the messages' and the services' stubs of every .proto under protos/ into `out`, in the same folders."""
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "protos").rglob("*.proto"))
    services = [file for file in files if "\nservice " in (ROOT / file).read_text(encoding="utf-8")]
    plugin = f"--plugin=protoc-gen-mypy_grpc={Path(sys.executable).with_name('protoc-gen-mypy_grpc')}"
    for words in (
        [f"--python_out={out}", f"--pyi_out={out}", *files],
        [f"--grpc_python_out={out}", *services],
        [plugin, f"--mypy_grpc_out={out}", *services],
    ):
        if protoc.main(["protoc", f"-I{ROOT}", *words]) != 0:
            sys.exit("protoc failed; its message is above.")


def main() -> None:
    """Generates in place, or compares and exits with 1 on a difference."""
    if "--check" not in sys.argv[1:]:
        generate(ROOT)
        return
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        fresh = {path.relative_to(folder): path.read_bytes() for path in Path(folder).rglob("*_pb2*.py*")}
    committed = {
        path.relative_to(ROOT): path.read_bytes()
        for pattern in ("*_pb2*.py", "*_pb2*.pyi")
        for path in (ROOT / "protos").rglob(pattern)
    }
    stale = sorted(str(path) for path in fresh.keys() | committed.keys() if fresh.get(path) != committed.get(path))
    if stale:
        sys.exit(f"Stubs differ from their .proto files: {', '.join(stale)}. Run: make stubs")
    print(f"{len(fresh)} stubs up to date")


if __name__ == "__main__":
    main()
