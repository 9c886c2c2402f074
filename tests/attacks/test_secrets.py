"""Where a secret must not be: files that others read, command lines, logs, tracebacks, memory that is left behind."""

import re
import resource
import stat
import subprocess
from pathlib import Path

import pytest

from coordinator.cli.names import COMMANDS as OF_COORDINATOR
from coordinator.members.invitations import Handed
from coordinator.members.members import Institution, invite
from node.cli.names import COMMANDS
from privacy.identity.chain import KeyChain
from protos.invitation import read as read_invitation
from tests.coordinator.cli.run import Coordinator
from tests.federation.house import Federation, Serving, good, now
from tests.node.cli.run import PROGRAM


@pytest.fixture
def federation(joined: Federation, tmp_path: Path) -> Federation:
    return joined.copied(tmp_path / "federation")


def _invited(federation: Federation, name: str) -> Handed:
    with federation.coordinator.office() as office:
        return invite(office, Institution(name, name.title(), "museum", "46"), now())


def _secrets(federation: Federation) -> dict[str, bytes]:
    """Every key of every node and of the coordinator, as it lies in its file, without the lines around it."""
    found = {}
    for file in [*federation.folder.glob("*/keys/*")]:
        if file.name in ("authority.pem",):
            continue
        content = file.read_bytes()
        keys = re.findall(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s(.*?)-----END", content, re.DOTALL) or [content]
        for key in keys:
            if b"BEGIN CERT" not in key:
                found[str(file)] = key.strip().split(b"\n")[0]
    return found


def test_every_file_of_a_folder_is_its_owners_alone(federation: Federation) -> None:
    folders = [federation.coordinator.home, *(each.parent for each in federation.folder.glob("*/settings.toml"))]
    assert len(folders) == 7
    open_ = [
        path
        for folder in folders
        for path in (folder, *folder.rglob("*"))
        if stat.S_IMODE(path.stat().st_mode) not in (0o600, 0o700)
    ]
    assert open_ == []


def test_no_key_and_no_token_stands_in_what_is_said_or_logged(federation: Federation) -> None:
    """A member joins, a round is answered, a call is refused: what the programs print and log is looked through."""
    handed = _invited(federation, "newcomer")
    token = read_invitation(handed.text).token
    said = ""
    with Serving(federation.coordinator) as server:
        for words in (["join", handed.text], ["identity", "status"], ["run", "--once"], ["doctor"], ["rounds"]):
            ended = federation.node("newcomer")(*words)
            said += ended.out + ended.err
        used = federation.node("other")("join", handed.text)
        assert used.status == 1
        said += used.out + used.err + server.log.read_text()
    for log in federation.folder.glob("*/logs/*"):
        said += log.read_text()
    secrets = _secrets(federation) | {"token": token.hex().encode(), "invitation": handed.text[40:80].encode()}
    assert len(secrets) > 20
    for name, secret in secrets.items():
        assert secret.decode() not in said, name


def test_an_invitation_may_be_kept_off_the_command_line(federation: Federation) -> None:
    handed = _invited(federation, "newcomer")
    home = federation.folder / "newcomer"
    with Serving(federation.coordinator):
        child = subprocess.Popen(
            [PROGRAM, "--home", home, "join", "-", "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert child.stdin is not None
        shown = Path(f"/proc/{child.pid}/cmdline").read_bytes()
        child.stdin.write(handed.text + "\n")
        child.stdin.close()
        assert child.wait(timeout=120) == 0
    assert b"kudos1:" not in shown


def test_no_option_takes_a_secret() -> None:
    """What is an option is seen by every user of the machine: no command has one for a key, a token or a password."""
    from importlib import import_module

    import click

    for module in (*COMMANDS.values(), *OF_COORDINATOR.values()):
        command = import_module(module).command
        every = [command, *(command.commands.values() if isinstance(command, click.Group) else ())]
        for each in every:
            names = {name for parameter in each.params for name in parameter.opts}
            assert not {name for name in names if re.search(r"(token|password|secret|passphrase)(?!-file)", name)}


@pytest.mark.parametrize("query", ["kudos:hemmelig@db", "kudos@db/x?password=hemmelig"])
@pytest.mark.parametrize("command", ["init", "restore"])
def test_no_database_is_named_with_its_password(tmp_path: Path, command: str, query: str) -> None:
    words = {
        "init": ["init", "--trust-domain", "a.b", "--name", "A", "--federation", "h:1", "--enrolment", "h:2"],
        "restore": ["restore", "backup"],
    }[command]
    said = Coordinator(tmp_path / "home")(*words, "--store", f"postgresql://{query}", "--json")
    assert (said.status, said.json["error"]["reason"]) == (2, "USAGE")
    assert "hemmelig" not in said.out


def test_the_programs_leave_no_memory_behind_when_they_crash(federation: Federation) -> None:
    """Where the system would keep a core, the program has asked it not to."""
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        pytest.skip("this machine keeps no core of anything")
    with Serving(federation.coordinator) as server:
        limits = Path(f"/proc/{server.process.pid}/limits").read_text()
    (line,) = (line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert line.split()[4:6] == ["0", "0"]


def test_what_holds_a_secret_does_not_show_it(federation: Federation) -> None:
    """As a traceback, a debugger or a log would show it."""
    handed = _invited(federation, "shown")
    chain = KeyChain.from_private_bytes(federation.home("aker").identity_key_file.read_bytes())
    with federation.coordinator.office() as office:
        shown = repr(handed) + repr(chain) + repr(office) + repr(read_invitation(handed.text))
        shown += repr(federation.home("aker")) + str(chain)
    assert handed.text not in shown
    for secret in _secrets(federation).values():
        assert secret.decode() not in shown
    token = read_invitation(handed.text).token
    assert token.hex() not in shown
    assert repr(token)[2:-1] not in shown


def test_a_defect_shows_its_place_and_nothing_of_what_was_at_hand(federation: Federation) -> None:
    """A key file that is damaged in a way that makes the parser quote it."""
    file = federation.home("aker").path / "keys" / "identity.key"
    secret = file.read_bytes()
    file.write_bytes(secret + b"{")
    with Serving(federation.coordinator):
        ended = federation.node("aker")("import", federation.folder / "aker.csv")
    assert ended.status != 0
    assert secret.split(b"\n")[0].decode()[:40] not in ended.out + ended.err
    assert "Traceback" not in ended.err


def test_an_operator_sees_no_secret_of_a_member(federation: Federation) -> None:
    said = str(good(federation.coordinator("member", "list", "--json")).json)
    for name, secret in _secrets(federation).items():
        assert secret.decode() not in said, name
