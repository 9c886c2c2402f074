"""No command opens a connection: also not through a library, which the import contract of pyproject.toml cannot see.

Python tells an audit hook (PEP 578) of every socket that Python code makes, names, connects or binds, and of every
process that it starts. Native code that calls the system by itself it does not see: DuckDB's own door is shut when
the store is opened, and tried at the end.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from node.cli.names import COMMANDS
from node.store.database import opened
from tests.node.cli.run import sales_file
from tests.node.ingest.house import new_home

CONNECTING = frozenset({"join", "identity", "approve", "decline", "run", "restore", "dashboard", "insight", "viewer"})
"""The commands whose purpose is a connection; `restore` asks the witness at its end, and `dashboard` has those of this
machine's own browser. Whoever adds a command adds it here or to those that are tried."""

WATCHED = """
import json, sys

seen = []

def hook(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "imaplib.", "poplib.", "telnetlib.")):
        seen.append(event)
    if event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "pty.spawn"):
        seen.append(event)

sys.addaudithook(hook)
ended = []
for words in json.loads(sys.argv[1]):
    before = len(seen)
    if words[0] == "python":
        exec(words[1])
        status = 0
    else:
        from node.cli.main import main

        sys.argv = ["kudos-node", *words]
        try:
            main()
        except SystemExit as error:
            status = error.code
    ended.append([status, seen[before:]])
print("\\n" + json.dumps(ended), flush=True)
"""


def watched(home: Path, *commands: list[str]) -> list[tuple[int, list[str]]]:
    """How each command ended and what it was seen to do, all in one process with its home set."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KUDOS")}
    ended = subprocess.run(
        [sys.executable, "-c", WATCHED, json.dumps(commands)],
        env=environment | {"KUDOS_NODE_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout.splitlines()[-1])
    assert len(found) == len(commands)
    return [(status, seen) for status, seen in found]


def test_no_command_makes_a_socket_or_starts_a_process(tmp_path: Path) -> None:
    sales, release = str(sales_file(tmp_path)), str(tmp_path / "release")
    as_of, names = ["--as-of", "2025-12-31"], str(tmp_path / "names.txt")
    Path(names).write_text("kari@example.no\n", encoding="utf-8")
    secret = str(tmp_path / "passphrase")
    Path(secret).write_text("korrekt hest batteri stift\n", encoding="utf-8")
    Path(secret).chmod(0o600)
    commands = [
        ["init", "--standalone", "--name", "X", "--industry", "other", "--county", "03", "--own-domain", "blåbær.no"],
        ["systems"],
        ["standard"],
        ["import", sales],
        ["kpi"],
        ["kpi", *as_of],
        ["kpi", *as_of, "--csv", str(tmp_path / "figures.csv"), "--parquet", str(tmp_path / "figures.parquet")],
        ["forecast", *as_of],
        ["policy", "show"],
        ["policy", "allow", "benchmark"],
        ["policy", "check"],
        ["review", "benchmark", *as_of, "--cells"],
        ["review", "cross-use-year", *as_of],
        ["release", "benchmark", *as_of, "--to-file", release],
        ["release", "benchmark", *as_of],
        ["budget"],
        ["outbox", "list"],
        ["outbox", "show", "2"],
        ["ledger", "status"],
        ["ledger", "export", "--restricted", "--out", str(tmp_path / "bundle")],
        ["report", "--out", str(tmp_path / "report.pdf")],
        ["report", "--out", str(tmp_path / "report.html")],
        ["validate", sales],
        ["profile", "show", "tixly"],
        ["quality", "--html", str(tmp_path / "quality.html")],
        ["object", "add", "--file", names],
        ["retain", "--dry-run"],
        ["undo", "--yes"],
        ["forget", "--file", names, "--yes"],
        ["removals"],
        ["doctor"],
        ["status"],
        ["backup", str(tmp_path / "kudos-backup"), "--passphrase-file", secret],
        ["rounds"],
        ["selfassess", "set", "--leadership", "1", "--planning", "2", "--systems", "3", "--analysis", "4"],
        ["selfassess", "share", "on"],
        ["selfassess", "show"],
        ["event", "add", "Premiere", "--on", "2025-06-01"],
        ["event", "list"],
        ["benchmark"],
        ["series", "benchmark"],
        ["effect", "Premiere"],
        ["cross-use"],
    ]
    alone = {"rounds", "benchmark", "series", "effect", "cross-use"}  # say that this node is in no network
    ended = watched(tmp_path / "home", *commands)
    assert {words[0] for words in commands} == set(COMMANDS) - CONNECTING, "every other command is tried"
    for words, (status, seen) in zip(commands, ended, strict=True):
        assert (words, status, seen) == (words, 1 if words[0] in alone else 0, [])
    assert Path(release).stat().st_size > 0


@pytest.mark.parametrize(
    ("code", "event"),
    [
        ("import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 9))", "socket.connect"),
        ("import socket; socket.socket().bind(('127.0.0.1', 0))", "socket.bind"),
        ("import socket; socket.getaddrinfo('127.0.0.1', 80)", "socket.getaddrinfo"),
        ("import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))", "socket.sendto"),
        ("import subprocess; subprocess.run(['true'])", "subprocess.Popen"),
    ],
)
def test_the_watcher_sees_what_it_watches_for(tmp_path: Path, code: str, event: str) -> None:
    ((status, seen),) = watched(tmp_path / "home", ["python", code])
    assert status == 0
    assert event in seen


@pytest.mark.parametrize(
    "statement",
    [
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
        "SELECT * FROM read_text('{file}')",
        "COPY (SELECT 1) TO '{file}.out'",
        "ATTACH '{file}.duckdb'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET autoinstall_known_extensions = true",
    ],
)
def test_the_engine_reaches_nothing_but_the_store(tmp_path: Path, statement: str) -> None:
    file = sales_file(tmp_path)
    with opened(new_home(tmp_path / "home")) as connection, pytest.raises(duckdb.Error):
        connection.execute(statement.format(file=file))
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == [file.name]


def test_without_that_lock_it_would(tmp_path: Path) -> None:
    """What the statements above fail for is the lock, and not their own making."""
    file = sales_file(tmp_path)
    connection = duckdb.connect()
    assert connection.execute(f"SELECT count(*) FROM read_text('{file}')").fetchall() == [(1,)]
    connection.execute(f"COPY (SELECT 1) TO '{file}.out'")
    connection.execute(f"ATTACH '{file}.duckdb'")
    connection.close()
    assert len(list(tmp_path.iterdir())) == 3
