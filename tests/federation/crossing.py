"""A round of cross-use from beginning to end, by the programs; what is left lies in the folders.

Six members are asked. One is away and hears of it too late, one sends its sketch and then goes away, four count. Each
has 650 customers in the twelve months, of whom 620 are customers of all: so many that noise does not decide on what is
published.
"""

import subprocess
from datetime import timedelta
from pathlib import Path

from node.home import Home
from node.ingest.run import Request, import_files
from tests.federation.house import MEMBERS, WINDOW_LAST, Federation, Serving, agree_by_itself, good, now
from tests.node.cli.run import PROGRAM
from tests.node.ingest.house import Heard

ROUND = "crossing"
LATE, SILENT = MEMBERS[-1], MEMBERS[-2]
COUNTING = MEMBERS[:-2]
NAMED = COUNTING
"""Who lets itself be named in a pair with another that does."""
CROWD = 600
"""Who goes everywhere, beside the twenty of the template."""
OWN, COMMON = 50 + CROWD, 20 + CROWD
BUCKETS = 2**16

STUDY = f"""
kind = "cross-use"
name = "small-crossing"
version = 1
title = "Cross-use of houses with a handful of customers"
window = "year"
cohorts = ["network", "industry"]

[sketch]
buckets = {BUCKETS}
flips = 11956
flip_bits = 16

[count]
rho = "0.04"
histogram_epsilon = "0.1"
partition = "county"

[disclosure]
min_members = 3
dominance_percent = 90
unreliable_percent = 25
noise_percent = 100
"""


def file_of(federation: Federation) -> Path:
    """The study's file."""
    return federation.folder / "crossing.toml"


def prepare(federation: Federation) -> None:
    """All have the crowd, allow the study, and let their agents answer by themselves; some may be named.

    Small houses want coins that fall badly less often than those of others: ε 1.5, the most there is.
    """
    file_of(federation).write_text(STUDY, encoding="utf-8")
    crowd = federation.folder / "crowd.csv"
    crowd.write_text(_crowd(), encoding="utf-8")
    for member in MEMBERS:
        import_files(federation.home(member), Request([crowd]), Heard())
        good(federation.node(member)("policy", "allow", file_of(federation)))
        home = federation.home(member)
        agree_by_itself(home)
        edit(home, 'epsilon = "1.1"', 'epsilon = "1.7"')  # of the cap
        edit(home, 'epsilon = "1"', 'epsilon = "1.5"', times=2)  # of a release, and of the sketch
    for member in NAMED:
        edit(federation.home(member), "named_pairs = false", "named_pairs = true")


def _crowd() -> str:
    """A sale to each of the crowd."""
    lines = ["order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,channel,state,email,postcode"]
    for index in range(CROWD):
        day = f"2025-{1 + index % 12:02d}-{1 + index % 28:02d}T18:00:00+01:00"
        lines.append(f"C{index},1,{day},E1,Ordinær,1,300.00,web,paid,crowd{index}@x.no,5003")
    return "\n".join(lines) + "\n"


def edit(home: Home, old: str, new: str, *, times: int = 1) -> None:
    """A line of a policy, as an institution edits it in its own file."""
    text = home.policy_file.read_text(encoding="utf-8")
    assert text.count(f"\n{old}\n") == times, (old, text)
    home.policy_file.write_text(text.replace(f"\n{old}\n", f"\n{new}\n"), encoding="utf-8")


def open_round(federation: Federation, name: str = ROUND, *, quorum: int = 4, last: str = WINDOW_LAST) -> None:
    """A round that takes sketches for a day and counts for another."""
    stages = [f"{now() + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}" for days in (1, 2)]
    words = ("--window-last", last, "--sketch-deadline", stages[0], "--deadline", stages[1])
    federation.coordinator.good("round", "open", file_of(federation), *words, "--quorum", str(quorum), "--id", name)


def turns(federation: Federation, members: tuple[str, ...]) -> dict[str, int]:
    """One turn of these members' agents, at the same time; their exit statuses."""
    started = {
        member: subprocess.Popen(
            [str(PROGRAM), "--home", str(federation.folder / member), "run", "--once"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for member in members
    }
    return {member: process.wait(timeout=120) for member, process in started.items()}


def make(joined: Federation, folder: Path) -> None:
    """Makes it."""
    federation = joined.copied(folder)
    prepare(federation)
    with Serving(federation.coordinator) as server:
        open_round(federation)
        assert set(turns(federation, MEMBERS[:-1]).values()) == {0}
        federation.coordinator.good("round", "next", ROUND)
        assert set(turns(federation, COUNTING).values()) == {0}
        federation.coordinator.good("round", "close", ROUND)
        federation.coordinator.good("round", "publish", ROUND)
        assert set(turns(federation, COUNTING).values()) == {0}
        assert server.stop() == 0
