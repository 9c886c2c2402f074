"""An auditor that comes back to the folder that it had, with a new invitation."""

import tomllib
from pathlib import Path

from tests.federation.house import Federation, Serving, good
from tests.federation.test_auditor import Auditor


def _invited(federation: Federation) -> str:
    said = federation.coordinator.good("certificate", "issue", "--role", "auditor", "--name", "The auditor")
    return str(said["invitation"])


def test_who_was_out_joins_again_and_keeps_what_it_saw(past: Federation, tmp_path: Path) -> None:
    federation, auditor = past.copied(tmp_path / "federation"), Auditor(tmp_path / "auditor")
    with Serving(federation.coordinator):
        good(auditor("join", _invited(federation)))
        assert auditor("watch").status == 0
        seen = {each: each.read_bytes() for each in (auditor.home / "seen").rglob("*") if each.is_file()}
        known = tomllib.loads((auditor.home / "audit.toml").read_text())
        good(federation.coordinator("certificate", "revoke", "auditor", known["id"]))
        assert auditor("export", "--out", tmp_path / "refused").status != 0
        good(auditor("join", _invited(federation)))
        assert seen
        assert {each: each.read_bytes() for each in seen} == seen
        again = tomllib.loads((auditor.home / "audit.toml").read_text())
        kept = ("trust_domain", "coordinator_key", "witness")
        assert [again[name] for name in kept] == [known[name] for name in kept]
        told = auditor("watch", "--json")
        assert (told.status, '"first_visit": false' in told.out) == (0, True)

        other = (auditor.home / "audit.toml").read_text().replace(known["coordinator_key"], "ab" * 32)
        (auditor.home / "audit.toml").write_text(other)
        refused = auditor("join", _invited(federation), "--json")
        assert (refused.status, '"JOINED_ALREADY"' in refused.out + refused.err) == (1, True)
        assert (auditor.home / "audit.toml").read_text() == other
