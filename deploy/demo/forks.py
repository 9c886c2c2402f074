"""Each command in a process of its own that is forked from one which has loaded the libraries already.

A hundred commands would spend more time on loading libraries than on their work. What they do is what the programs do
when they are typed: the same entry points with the same arguments, one process each.
"""

import os
import sys
from importlib import import_module
from multiprocessing import connection, forkserver, get_context
from pathlib import Path
from tempfile import TemporaryDirectory

_ENTRY = {
    "kudos-node": "node.cli.main",
    "kudos-coordinator": "coordinator.cli.main",
    "kudos-audit": "privacy.audit.cli.main",
}

_LIBRARIES = (
    "coordinator.publish.publishing",
    "coordinator.rounds.rounds",
    "coordinator.members.members",
    "countrystatecity_postal_codes",
    "dateutil.parser",
    "duckdb",
    "grpc",
    "narwhals._arrow.dataframe",
    "narwhals._duckdb.dataframe",
    "node.agent.turn",
    "node.benchmark.own",
    "node.ingest.run",
    "node.kpis.figures",
    "node.network.joining",
    "node.release.make",
    "node.release.prepare",
    "node.release.room",
    "node.store.placeholders",
    "opendp",
    "pandas",
    "pyarrow.compute",
    "pyarrow.csv",
    "rich.progress",
)
"""What the commands load only when they need it, where it is installed."""

_context = get_context("forkserver")


def prepared() -> None:
    """Begins to load the libraries, in a process of its own beside this one."""
    from coordinator.cli.names import COMMANDS as OF_COORDINATOR
    from node.cli.names import COMMANDS as OF_NODE
    from privacy.audit.cli.names import COMMANDS as OF_AUDIT

    commands = [*OF_COORDINATOR.values(), *OF_NODE.values(), *OF_AUDIT.values()]
    _context.set_forkserver_preload([*_ENTRY.values(), *commands, *_LIBRARIES])
    forkserver.ensure_running()


def forked(name: str, line: list[str]) -> tuple[int, str, str]:
    """Runs a program (by its name, with its command line). Its exit status, what it said, and its complaints."""
    with TemporaryDirectory() as folder:
        files = [Path(folder) / each for each in ("out", "err", "status")]
        process = _context.Process(target=_run, args=(_ENTRY[name], line, *map(str, files)))
        process.start()
        # Not `join`: in several threads at a time it may lose the status of one that has just ended.
        connection.wait([process.sentinel])
        said, complained, status = (file.read_text(encoding="utf-8") if file.exists() else "" for file in files)
    return int(status or 255), said, complained


def _run(entry: str, line: list[str], out: str, err: str, status: str) -> None:
    """In the forked process: the program, with its output in files, as a shell would redirect it."""
    for descriptor, file in ((1, out), (2, err)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), descriptor)
    sys.argv = line
    ended: object = 0
    try:
        import_module(entry).main()
    except SystemExit as error:
        ended = error.code
    sys.stdout.flush()
    sys.stderr.flush()
    Path(status).write_text(str(ended if isinstance(ended, int) else int(ended is not None)), encoding="utf-8")
