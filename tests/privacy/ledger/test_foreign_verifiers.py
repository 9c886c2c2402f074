"""What others would verify a ledger with: the shell script of docs/ledger.md, and Go's sumdb/note and tlog.

Each is skipped, and says so, where its tools are missing. The first build of the Go program takes some seconds.
"""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from privacy.ledger.checkpoint import Checkpoint, cosign, sign_checkpoint
from privacy.ledger.leaves import leaf_hash
from privacy.ledger.tree import consistency_proof, inclusion_proof, root
from tests.needs import needed
from tests.privacy.ledger.vector import (
    COSIGNED,
    COSIGNED_AT,
    LEAVES,
    NODE,
    NODE_KEY_TEXT,
    ORIGIN,
    SIGNED,
    TEXT,
    WITNESS,
    WITNESS_KEY_TEXT,
    WITNESS_NAME,
)

HERE = Path(__file__).parent
SCRIPT = HERE / "verify-checkpoint.sh"
PROGRAM = HERE / "verify-checkpoint.go"

_WANTED = ("sh", "openssl", "xxd", "sha256sum", "base64", "date")
_MISSING = [tool for tool in _WANTED if shutil.which(tool) is None]
_REASON = f"NO SHELL VERIFIER WAS RUN: {', '.join(_MISSING)} missing"
needs_openssl = pytest.mark.needs("VERIFIERS", not _MISSING, _REASON)

JSONL = b"".join(leaf + b"\n" for leaf in LEAVES)
KEYS = (NODE_KEY_TEXT, WITNESS_KEY_TEXT)


def _script(folder: Path, note: bytes, leaves: bytes, *keys: str) -> subprocess.CompletedProcess[str]:
    (folder / "checkpoint").write_bytes(note)
    (folder / "leaves.jsonl").write_bytes(leaves)
    return subprocess.run(
        ["sh", SCRIPT, "checkpoint", "leaves.jsonl", *keys], cwd=folder, capture_output=True, text=True, check=False
    )


def _flipped(raw: bytes, at: int, bit: int = 1) -> bytes:
    return raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :]


@needs_openssl
def test_the_shell_script_verifies_the_vector(tmp_path: Path) -> None:
    done = _script(tmp_path, COSIGNED, JSONL, *KEYS)
    assert done.returncode == 0, done.stderr
    good = f"{ORIGIN}: signature good\n"
    witnessed = f"{WITNESS_NAME}: at 2026-11-18T11:06:40Z\n{WITNESS_NAME}: signature good\n"
    assert done.stdout == f"{good}{witnessed}{TEXT}OK\n"
    alone = _script(tmp_path, SIGNED, JSONL, NODE_KEY_TEXT)
    assert (alone.returncode, alone.stdout) == (0, f"{good}{TEXT}OK\n")
    later = _script(tmp_path, COSIGNED, JSONL + b'{"a later leaf":1}\n', *KEYS)
    assert (later.returncode, later.stdout) == (0, done.stdout)


@needs_openssl
def test_the_shell_script_verifies_trees_of_every_small_size(tmp_path: Path) -> None:
    for size in range(1, 10):
        leaves = [b'{"name":"Gr\xc3\xb8nn \\\\ %% scene","seq":%d}' % i for i in range(size)]
        checkpoint = Checkpoint(ORIGIN, size, root([leaf_hash(each) for each in leaves]))
        note = sign_checkpoint(checkpoint, NODE)
        done = _script(tmp_path, note, b"".join(each + b"\n" for each in leaves), NODE_KEY_TEXT)
        assert (done.returncode, done.stdout) == (
            0,
            f"{ORIGIN}: signature good\n{checkpoint.text}OK\n",
        ), done.stderr


@needs_openssl
def test_the_shell_script_refuses_a_flipped_byte(tmp_path: Path) -> None:
    body, node, witness = 60, COSIGNED.index(b"32Yj"), COSIGNED.index(b"PKcA")
    last = COSIGNED.index(b"agQM=") + 3  # the letter before the padding
    places = [0, body, 44, len(TEXT), node + 2, node + 40, last, witness + 2, witness + 8, witness + 60]
    for at in places:
        done = _script(tmp_path, _flipped(COSIGNED, at), JSONL, *KEYS)
        assert done.returncode != 0, at
    for at in (5, len(JSONL) // 2, len(JSONL) - 3):
        assert _script(tmp_path, COSIGNED, _flipped(JSONL, at), *KEYS).returncode != 0, at


@needs_openssl
def test_the_shell_script_refuses_what_is_missing_or_of_others(tmp_path: Path) -> None:
    lines = JSONL.splitlines(keepends=True)
    swapped = b"".join([lines[1], lines[0], *lines[2:]])
    other_key = NODE_KEY_TEXT.replace("AQOhB7", "AQOhB8")
    for note, leaves, keys in [
        (SIGNED, JSONL, KEYS),
        (COSIGNED, swapped, KEYS),
        (COSIGNED, b"".join(lines[:4]), KEYS),
        (COSIGNED, JSONL, KEYS[::-1]),
        (COSIGNED, JSONL, (other_key, WITNESS_KEY_TEXT)),
        (COSIGNED.replace(b"agQM=", b"agQN="), JSONL, KEYS),  # another base64 of the same signature
    ]:
        done = _script(tmp_path, note, leaves, *keys)
        assert done.returncode == 1
        assert done.stderr.startswith("NOT VERIFIED: ")
    assert _script(tmp_path, COSIGNED, JSONL).returncode == 2


@pytest.fixture(scope="module")
def go_verifier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The Go program, built with golang.org/x/mod as GOPATH has it (Debian: golang-go, golang-golang-x-mod-dev)."""
    needed("VERIFIERS", shutil.which("go"), "NO GO VERIFIER WAS RUN: go is missing")
    folder = tmp_path_factory.mktemp("go")
    asked = subprocess.run(["go", "env", "GOPATH"], capture_output=True, text=True, check=True)
    settings = {
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "GOPATH": f"{asked.stdout.strip()}{os.pathsep}/usr/share/gocode",
        "GOCACHE": str(folder / "cache"),
        "CGO_ENABLED": "0",
    }
    program = folder / "verify-checkpoint"
    built = subprocess.run(
        ["go", "build", "-o", program, PROGRAM],
        env=os.environ | settings,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    missing = "cannot find package" in built.stderr
    needed("VERIFIERS", not missing, "NO GO VERIFIER WAS RUN: golang.org/x/mod is missing")
    assert built.returncode == 0, built.stderr
    yield program
    shutil.rmtree(folder)


def _claims(leaves: list[bytes], note: bytes) -> dict[str, object]:
    hashes = [leaf_hash(each) for each in leaves]
    sizes = range(1, len(leaves) + 1)
    return {
        "Note": _encoded(note),
        "LedgerKey": NODE_KEY_TEXT,
        "WitnessKey": WITNESS_KEY_TEXT,
        "Leaves": [_encoded(each) for each in leaves],
        "Roots": [_encoded(root(hashes[:size])) for size in sizes],
        "Inclusion": [
            {"Index": i, "Size": n, "Proof": [_encoded(each) for each in inclusion_proof(i, hashes[:n])]}
            for n in sizes
            for i in range(n)
        ],
        "Consistency": [
            {"Old": m, "New": n, "Proof": [_encoded(each) for each in consistency_proof(m, hashes[:n])]}
            for n in sizes
            for m in range(1, n + 1)
        ],
    }


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _go(program: Path, claims: dict[str, object]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program], input=json.dumps(claims), capture_output=True, text=True, check=False)


def test_go_verifies_the_vector_and_refuses_a_flipped_byte(go_verifier: Path) -> None:
    done = _go(go_verifier, _claims(LEAVES, COSIGNED))
    assert (done.returncode, done.stdout) == (0, "5 leaves, 15 inclusions, 15 consistencies\n"), done.stderr
    for at in range(0, len(COSIGNED), 7):
        assert _go(go_verifier, _claims(LEAVES, _flipped(COSIGNED, at, 4))).returncode == 1, at
    assert _go(go_verifier, _claims([*LEAVES[:4], LEAVES[0]], COSIGNED)).returncode == 1


def test_go_agrees_on_every_root_and_proof_of_small_trees(go_verifier: Path) -> None:
    leaves = [b"%d" % i for i in range(40)]
    checkpoint = Checkpoint(ORIGIN, 40, root([leaf_hash(each) for each in leaves]))
    note = cosign(sign_checkpoint(checkpoint, NODE), WITNESS_NAME, WITNESS, COSIGNED_AT)
    done = _go(go_verifier, _claims(leaves, note))
    assert (done.returncode, done.stdout) == (0, "40 leaves, 820 inclusions, 820 consistencies\n"), done.stderr


def test_the_documentation_prints_the_script_and_the_vector() -> None:
    page = (Path(__file__).parents[3] / "docs" / "ledger.md").read_text(encoding="utf-8")
    assert f"```sh\n{SCRIPT.read_text(encoding='utf-8')}```\n" in page
    assert f"```text\n{COSIGNED.decode()}```\n" in page
    assert f"{NODE_KEY_TEXT}\n{WITNESS_KEY_TEXT}\n" in page
