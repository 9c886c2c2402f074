"""Works on a prepared coordinator in a process of its own.

    python -m tests.coordinator.store.child kill OPERATION FOLDER
    python -m tests.coordinator.store.child wait OPERATION FOLDER

`kill` runs the operation on a copy of FOLDER/base in a process that kills itself after 0, 1, 2 … statements that write
or commit, until one comes to its end; it prints as JSON how each ended and whether it has left the store as it was. A
store that is as it was serves the next one. The last copy is FOLDER/last. `wait` says that it is ready, goes on at a
line of input, and prints the answer.
"""

import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import event

from coordinator.cross_use import markets
from coordinator.cross_use.sketches import SketchReceipt, incoming
from coordinator.home import Home
from coordinator.ledgers.witness import witness
from coordinator.members import members
from coordinator.members.callers import Caller
from coordinator.members.enrol import enrol
from coordinator.office import Office, opened
from coordinator.rounds import rounds, submissions
from tests.coordinator.cross_use.house import SKETCHES_UNTIL
from tests.coordinator.house import BENCHMARK, DEADLINE, NOW, WINDOW_LAST, caller_for, contents
from tests.databases import copied_folder


def operate(operation: str, folder: Path, office: Office) -> str:
    caller = caller_for(office, (folder / "certificate").read_bytes())
    if operation == "enrol":
        token, csr, signature = ((folder / name).read_bytes() for name in ("token", "csr", "signature"))
        return enrol(office, token, csr, signature, "", NOW).certificate.hex()
    if operation == "witness":
        leaves = json.loads((folder / "leaves.json").read_text())
        note = (folder / "checkpoint").read_bytes()
        return witness(office, caller, note, 0, (), [leaf.encode() for leaf in leaves], NOW).hex()
    if operation == "submit":
        return repr(submissions.submit(office.store, caller, "first", (folder / "envelope").read_bytes(), NOW))
    if operation == "decline":
        submissions.decline(office.store, caller, "first", NOW)
    elif operation == "open":
        deadline = DEADLINE + timedelta(days=1)
        rounds.open_round(office, BENCHMARK, WINDOW_LAST.replace(month=10), deadline, NOW, 1)
    elif operation == "sketch":
        return put_sketch(folder, office, caller)
    elif operation == "market":
        return repr(markets.form(office, "cross", SKETCHES_UNTIL))
    elif operation == "close":
        rounds.close_due(office.store, DEADLINE)
    else:
        {"revoke": members.revoke, "leave": members.leave}[operation](office.store, "fjordteatret", NOW)
    return "done"


def put_sketch(folder: Path, office: Office, caller: Caller) -> str:
    header, *chunks = (bytes.fromhex(line) for line in (folder / "sketch").read_text().split())
    with incoming(office, caller, "cross", header, NOW) as entered:
        if isinstance(entered, SketchReceipt):
            return repr(entered)
        for chunk in chunks:
            entered.feed(chunk)
        return repr(entered.finish(NOW))


def die_after(office: Office, statements: int) -> None:
    left = [statements]

    def counted(*_: object) -> None:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    def written(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.split(" ", 1)[0] in ("INSERT", "UPDATE", "DELETE"):
            counted()

    event.listen(office.store.engine, "before_cursor_execute", written)
    event.listen(office.store.engine, "after_cursor_execute", written)
    event.listen(office.store.engine, "begin", lambda _: counted())
    event.listen(office.store.engine, "commit", lambda _: counted())


def run_killed(operation: str, copy: Path, number: int) -> int:
    """How a process that dies after `number` points ended."""
    process = os.fork()
    if process == 0:
        with opened(Home(copy / "coordinator")) as office:
            die_after(office, number)
            operate(operation, copy, office)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def held(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the store of a folder's coordinator."""
    with opened(Home(folder / "coordinator")) as office:
        return contents(office.store)


def main(how: str, operation: str, folder: Path) -> None:
    if how == "kill":
        before, copy, ended = held(folder / "base"), folder / "last", list[tuple[int, bool]]()
        while not ended or ended[-1][0] != 0:
            if not copy.exists():
                copied_folder(folder / "base", copy)
            status = run_killed(operation, copy, len(ended))
            ended.append((status, held(copy) == before))
            if status != 0 and not ended[-1][1]:
                copy.rename(folder / f"changed-{len(ended) - 1}")
        print(json.dumps(ended))
        return
    with opened(Home(folder / "coordinator")) as office:
        print("ready", flush=True)
        sys.stdin.readline()
        print(operate(operation, folder, office))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
