"""The operator's commands, from the first day to an aborted round."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from coordinator.home import Home
from coordinator.members.enrol import enrol
from coordinator.office import Office, opened
from coordinator.rounds.submissions import decline
from protos.invitation import read
from tests.coordinator.cli.run import Coordinator, initialised
from tests.coordinator.house import Keys, caller_for

LAST = f"{datetime.now(UTC).date().replace(day=1) - timedelta(days=1)}"
DEADLINE = f"{datetime.now(UTC).date() + timedelta(days=20)}"


@contextmanager
def inside(coordinator: Coordinator) -> Iterator[Office]:
    with opened(Home(coordinator.home)) as office:
        yield office


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Coordinator:
    """A coordinator with a member that has joined, and one that has not."""
    coordinator = initialised(tmp_path_factory.mktemp("network") / "home")
    line = coordinator.good(
        "member", "invite", "--name", "Fjordteatret", "--industry", "performing-arts", "--county", "Vestland", "--json"
    ).json["invitation"]
    keys = Keys()
    csr = keys.csr()
    with inside(coordinator) as office:
        enrol(office, read(line).token, csr, keys.enrolling(csr), "", datetime.now(UTC))
    coordinator.good(
        "member", "invite", "--name", "Museum Ås", "--industry", "museum", "--county", "32", "--size", "small"
    )
    return coordinator


def test_a_folder_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    coordinator = initialised(tmp_path / "home")
    files = [coordinator.home, *coordinator.home.rglob("*")]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600, 0o700}
    again = coordinator(
        "init", "--trust-domain", "b.example", "--name", "B", "--federation", "b:1", "--enrolment", "b:2"
    )
    assert again.status == 1
    assert "holds a coordinator already" in again.err
    (coordinator.home / "config.toml").unlink()
    fresh = initialised(coordinator.home)  # nothing had happened in it yet
    fresh.good("member", "invite", "--name", "A", "--industry", "museum", "--county", "Oslo")
    (coordinator.home / "config.toml").unlink()
    left = coordinator(
        "init", "--trust-domain", "b.example", "--name", "B", "--federation", "b:1", "--enrolment", "b:2"
    )
    assert left.status == 1
    assert "backup" in left.err


@pytest.mark.parametrize(
    "options",
    [
        ("--trust-domain", "NPU Example", "--name", "N", "--federation", "a:1", "--enrolment", "a:2"),
        ("--trust-domain", "npu.example", "--name", " ", "--federation", "a:1", "--enrolment", "a:2"),
        ("--trust-domain", "npu.example", "--name", "N", "--federation", "a", "--enrolment", "a:2"),
        ("--trust-domain", "npu.example", "--name", "N", "--federation", "a:99999", "--enrolment", "a:2"),
        ("--trust-domain", "npu.example", "--name", "N", "--federation", "a:1", "--enrolment", "a:1"),
        ("--trust-domain", "npu.example", "--name", "N", "--federation", "a:1", "--enrolment", "b:1"),
    ],
)
def test_a_coordinator_that_cannot_be_is_not_made(tmp_path: Path, options: tuple[str, ...]) -> None:
    ended = Coordinator(tmp_path / "home")("init", *options)
    assert ended.status == 2, ended.err
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--trust-domain", "NPU Norge", "--trust-domain: write a name like a domain's, such as npu.example"),
        ("--name", "", "--name: write 1 to 120 characters"),
        ("--federation", "kudos", "--federation: 'kudos' is no address. Write host:port"),
        ("--enrolment", "kudos:x", "--enrolment: 'kudos:x' is no address. Write host:port"),
        ("--listen-federation", "8443", "--listen-federation: '8443' is no address. Write host:port"),
        ("--enrolment", "a:1", "federation and enrolment are both a:1: work and joining take a port each"),
        ("--listen-enrolment", "[::]:1", "both listen on port 1: work and joining take a port each"),
    ],
)
def test_what_is_wrong_is_said_by_the_options_name(tmp_path: Path, option: str, value: str, says: str) -> None:
    said = {"--trust-domain": "npu.example", "--name": "N", "--federation": "a:1", "--enrolment": "a:2"}
    words = [word for pair in (said | {option: value}).items() for word in pair]
    ended = Coordinator(tmp_path / "home")("init", *words)
    assert ended.status == 2
    assert says in ended.err
    assert "match pattern" not in ended.err


def test_two_hosts_and_two_listening_ports_may_share_a_dialled_one(tmp_path: Path) -> None:
    Coordinator(tmp_path / "home").good(
        "init", "--trust-domain", "npu.example", "--name", "N", "--federation", "a:443", "--enrolment", "b:443",
        "--listen-federation", "10.0.0.1:443", "--listen-enrolment", "10.0.0.2:443",
    )  # fmt: skip


def test_settings_with_one_port_for_both_are_refused_too(tmp_path: Path) -> None:
    coordinator = initialised(tmp_path / "home")
    settings = coordinator.home / "config.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("8444", "8443"), encoding="utf-8")
    ended = coordinator("member", "list")
    assert ended.status == 1
    assert "work and joining take a port each" in ended.err


def test_a_round_that_nobody_could_answer_says_to_invite(tmp_path: Path) -> None:
    coordinator = initialised(tmp_path / "home")
    words = ("round", "open", "benchmark", "--window-last", LAST, "--deadline", DEADLINE)
    for more in ((), ("--quorum", "1")):
        ended = coordinator(*words, *more)
        assert ended.status == 3
        assert "member invite --name" in ended.err
        assert "--quorum" not in ended.err


def test_without_a_coordinator_every_command_says_how_to_begin(tmp_path: Path) -> None:
    ended = Coordinator(tmp_path)("member", "list", "--json")
    assert ended.status == 1
    assert ended.json["error"]["reason"] == "NO_COORDINATOR"
    assert "init" in ended.err


def test_members_are_listed_for_people_and_programs(network: Coordinator) -> None:
    listed = {each["id"]: each for each in network.good("member", "list", "--json").json}
    assert {name: each["state"] for name, each in listed.items()} == {"fjordteatret": "active", "museum-as": "invited"}
    assert listed["fjordteatret"]["ledger"] == "npu.example/ledger/fjordteatret"
    assert listed["museum-as"]["size_class"] == "small"
    shown = network.good("member", "list").out
    assert "Museum Ås" in shown
    assert "invitation to" in shown


def test_the_program_takes_its_folder_from_the_environment_too(network: Coordinator) -> None:
    ended = network.as_program("member", "list", home_in_environment=True)
    assert (ended.status, ended.err) == (0, "")
    assert "Museum Ås" in ended.out
    wrong = network.as_program("member", "resume", "museum-as")
    assert (wrong.status, wrong.out) == (3, "")
    assert f"kudos-coordinator --home {network.home} member list" in wrong.err


def test_an_invitation_is_one_line_that_is_shown_once(network: Coordinator) -> None:
    shown = network.good("member", "invite", "--again", "museum-as", "--days", "3").out
    (line,) = [line for line in shown.splitlines() if line.startswith("kudos1:")]
    assert read(line).role == "member"
    assert line not in network.good("member", "list").out
    with inside(network) as office:
        assert read(line).authority == office.authority.der


@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [
        (("member", "invite", "--name", "A"), 2, "USAGE"),
        (("member", "invite", "--name", "A", "--industry", "museum", "--county", "Skåne"), 2, "USAGE"),
        (("member", "invite", "--name", "A", "--industry", "zoo", "--county", "Oslo"), 2, "USAGE"),
        (
            ("member", "invite", "--name", "Fjordteatret", "--industry", "museum", "--county", "Oslo"),
            1,
            "MEMBER_EXISTS",
        ),
        (("member", "invite", "--again", "nobody"), 2, "UNKNOWN_MEMBER"),
        (("member", "suspend", "nobody"), 2, "UNKNOWN_MEMBER"),
        (("member", "resume", "museum-as"), 3, "MEMBER_STATE"),
        (("certificate", "issue", "--role", "member", "--name", "A"), 2, "USAGE"),
        (("certificate", "revoke", "auditor", "nobody"), 2, "UNKNOWN_MEMBER"),
        (("study", "check", "nothing"), 1, "UNKNOWN_STUDY"),
        (("study", "show", "nothing.toml"), 1, "UNKNOWN_STUDY"),
        (("round", "open", "benchmark", "--window-last", LAST, "--deadline", DEADLINE), 3, "TOO_FEW_MEMBERS"),
        (("round", "open", "benchmark", "--window-last", "2025-12-30", "--deadline", DEADLINE), 2, "USAGE"),
        (("round", "open", "benchmark", "--window-last", "soon", "--deadline", DEADLINE), 2, "USAGE"),
        (("round", "open", "benchmark", "--window-last", LAST, "--deadline", "2020-01-01"), 2, "USAGE"),
        (("round", "status", "nothing"), 2, "UNKNOWN_ROUND"),
        (("round", "abort", "nothing", "--reason", "why"), 2, "UNKNOWN_ROUND"),
    ],
)
def test_refusals_are_typed(network: Coordinator, words: tuple[str, ...], status: int, reason: str) -> None:
    ended = network(*words, "--json")
    assert (ended.status, ended.json["error"]["reason"]) == (status, reason)
    assert ended.err.strip()


def test_an_auditor_is_invited_and_revoked(network: Coordinator) -> None:
    issued = network.good("certificate", "issue", "--role", "auditor", "--name", "Kari Revisor", "--json").json
    assert (issued["role"], issued["id"]) == ("auditor", "kari-revisor")
    keys = Keys()
    csr = keys.csr(keys.uris[:1])
    with inside(network) as office:
        enrol(office, read(issued["invitation"]).token, csr, keys.enrolling(csr), "", datetime.now(UTC))
    network.good("certificate", "revoke", "auditor", "kari-revisor")
    listed = {(each["role"], each["state"]) for each in network.good("certificate", "list", "--json").json}
    assert listed == {("auditor", "revoked"), ("member", "current")}
    assert "kari-revisor" in network.good("certificate", "list").out


def test_studies_are_shown_and_checked(network: Coordinator, tmp_path: Path) -> None:
    listed = {each["name"]: each for each in network.good("study", "list", "--json").json}
    shipped = listed["benchmark"]
    assert {"benchmark-year", "benchmark-quarter", "portfolio-year", "bounds-year", "cross-use-year"} <= set(listed)
    shown = network.good("study", "show", "benchmark", "--json").json
    assert shown["digest"] == shipped["digest"]
    assert sum(part["cells"] for part in shown["parts"]) == shown["cells"] == 282
    assert "county" in network.good("study", "show", "benchmark").out
    file = tmp_path / "mine.toml"
    file.write_text("name = 3\n", encoding="utf-8")
    assert network("study", "check", file).status == 1
    assert "valid" in network.good("study", "check", "benchmark").out


def test_a_round_from_its_opening_to_its_end(tmp_path: Path) -> None:
    coordinator = initialised(tmp_path / "home")
    line = coordinator.good(
        "member", "invite", "--name", "A", "--industry", "museum", "--county", "Oslo", "--json"
    ).json["invitation"]
    keys = Keys()
    csr = keys.csr()
    now = datetime.now(UTC)
    words = ("round", "open", "benchmark", "--window-last", LAST, "--deadline", DEADLINE, "--quorum", "1", "--json")
    with inside(coordinator) as office:
        certificate = enrol(office, read(line).token, csr, keys.enrolling(csr), "", now).certificate
        opened_round = coordinator.good(*words).json
        assert coordinator.good(*words).json == opened_round
        decline(office.store, caller_for(office, certificate, now), opened_round["id"], now)
    assert date.fromisoformat(opened_round["deadline"][:10]) == date.fromisoformat(DEADLINE)
    assert [each["name"] for each in coordinator.good("study", "list", "--json").json if each["used"]] == ["benchmark"]
    (listed,) = coordinator.good("round", "status", "--json").json
    assert (listed["state"], listed["asked"], listed["releases"]) == ("collecting", 1, 0)
    (member,) = coordinator.good("round", "status", opened_round["id"], "--json").json["members"]
    assert (member["member"], member["status"]) == ("a", "declined")
    assert "declined" in coordinator.good("round", "status", opened_round["id"]).out
    early = coordinator("round", "close", opened_round["id"], "--json")
    assert (early.status, early.json["error"]["reason"]) == (3, "TOO_FEW_MEMBERS")
    coordinator.good("round", "abort", opened_round["id"], "--reason", "a wrong window")
    late = coordinator("round", "close", opened_round["id"], "--json")
    assert (late.status, late.json["error"]["reason"]) == (3, "STALE_STAGE")
    shown = coordinator.good("round", "status", opened_round["id"]).out
    assert "why, as its members are told: a wrong window" in shown
    assert "late" not in shown
    assert coordinator.good("round", "list", "--json").json == coordinator.good("round", "status", "--json").json
    assert coordinator.good("round", "list").out == coordinator.good("round", "status").out
    assert "aborted" in coordinator.good("round", "list").out


def test_a_round_of_too_few_says_what_happens(tmp_path: Path) -> None:
    coordinator = initialised(tmp_path / "home")
    assert "round open" in coordinator.good("round", "list").out
    options = ("--window-last", LAST, "--deadline", DEADLINE)
    for number in range(5):
        line = coordinator.good(
            "member", "invite", "--name", f"House {number}", "--industry", "museum", "--county", "Oslo", "--json"
        ).json["invitation"]
        keys = Keys()
        csr = keys.csr()
        with inside(coordinator) as office:
            enrol(office, read(line).token, csr, keys.enrolling(csr), "", datetime.now(UTC))
        if number == 3:
            few = coordinator.good("round", "open", "benchmark", *options, "--quorum", "4", "--id", "few").out
            assert "nothing of it can be published: a figure takes 5 releases, and 4 can come" in few
            assert "a round of these months with more members takes the same releases" in few
            ended = coordinator.good("round", "abort", "few", "--reason", "too few").out
            assert "told why" in ended
    early = coordinator.good("round", "open", "benchmark", *options, "--quorum", "2", "--id", "early").out
    assert "with the quorum of 2 it can be closed early, but nothing is published of fewer than 5 releases" in early
    coordinator.good("round", "abort", "early", "--reason", "a test")
    enough = coordinator.good("round", "open", "benchmark", *options).out
    assert "publish" not in enough


@pytest.mark.parametrize(
    ("words", "reason", "says"),
    [
        (("benchmark", "show"), "USAGE", "benchmark list"),
        (("benchmark", "export", "--out", "x.csv"), "USAGE", "benchmark list"),
        (("benchmark", "show", "nothing"), "UNKNOWN_BENCHMARK", "benchmark list"),
        (("benchmark", "export", "nothing", "--out", "x.csv"), "UNKNOWN_BENCHMARK", "benchmark list"),
        (("benchmark", "show", "asked"), "UNKNOWN_BENCHMARK", "it is open. See: kudos-coordinator"),
        (("benchmark", "show", "over"), "UNKNOWN_BENCHMARK", "it is aborted. It never will be."),
        (("round", "status", "nothing"), "UNKNOWN_ROUND", "round list"),
    ],
)
def test_who_names_no_round_or_another_is_told_where_the_names_are(
    few_rounds: Coordinator, words: tuple[str, ...], reason: str, says: str
) -> None:
    ended = few_rounds(*words, "--json")
    assert (ended.status, ended.json["error"]["reason"]) == (2, reason)
    assert says in ended.json["error"]["message"]


@pytest.fixture(scope="module")
def few_rounds(tmp_path_factory: pytest.TempPathFactory) -> Coordinator:
    """A coordinator with a round that is open and one that was aborted; nothing is published."""
    coordinator = initialised(tmp_path_factory.mktemp("few") / "home")
    line = coordinator.good(
        "member", "invite", "--name", "A", "--industry", "museum", "--county", "Oslo", "--json"
    ).json["invitation"]
    keys = Keys()
    csr = keys.csr()
    with inside(coordinator) as office:
        enrol(office, read(line).token, csr, keys.enrolling(csr), "", datetime.now(UTC))
    options = ("--window-last", LAST, "--deadline", DEADLINE, "--quorum", "1")
    coordinator.good("round", "open", "benchmark", *options, "--id", "over")
    coordinator.good("round", "abort", "over", "--reason", "a test")
    coordinator.good("round", "open", "benchmark", *options, "--id", "asked")
    return coordinator


@pytest.mark.parametrize(
    "words", [(), ("member",), ("member", "invite"), ("round", "open"), ("study", "check"), ("init",)]
)
def test_help_teaches(words: tuple[str, ...], tmp_path: Path) -> None:
    shown = Coordinator(tmp_path).good(*words, "--help").out
    assert "Usage: kudos-coordinator" in shown
    if words not in (("member",),):
        assert "kudos-coordinator " + (words[0] if words else "init") in shown


def test_an_export_is_there_whole_or_not_at_all(network: Coordinator, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    shown = network.good("export", "--out", out).out
    assert f"kudos-audit network {out}" in shown
    assert {file.name for file in out.iterdir()} == {"public"}
    said = network.good("export", "--out", tmp_path / "b.tar", "--restricted", "--json").json
    assert (said["path"], said["restricted"]) == (str(tmp_path / "b.tar"), True)
    before = (tmp_path / "b.tar").read_bytes()
    for taken in (out, tmp_path / "b.tar", tmp_path):
        again = network("export", "--out", taken, "--json")
        assert (again.status, again.json["error"]["reason"]) == (2, "USAGE")
    inside_home = network("export", "--out", network.home / "bundle", "--json")
    assert (inside_home.status, inside_home.json["error"]["reason"]) == (2, "USAGE")
    (tmp_path / "file").write_text("no folder")
    nowhere = network("export", "--out", tmp_path / "file" / "bundle", "--json")
    assert (nowhere.status, nowhere.json["error"]["reason"]) == (1, "COORDINATOR")
    assert (tmp_path / "b.tar").read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {"bundle", "b.tar", "file"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in out.rglob("*")} == {0o600, 0o700}
