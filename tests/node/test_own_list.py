"""A list that is being changed waits for nobody for long, and a file that is not as it was written is told."""

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel

from node.errors import FileDamaged, NodeError
from node.own_list import changing, read_list


class Form(BaseModel):
    v: Literal[1]


def test_one_command_at_a_time_changes_a_list(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    with changing(file, NodeError("busy")):
        assert (tmp_path / "events.lock").stat().st_mode & 0o077 == 0
        with changing(tmp_path / "others.json", NodeError("busy")):
            pass
        with pytest.raises(NodeError, match="busy"), changing(file, NodeError("busy"), patience_s=0.01):
            pass
    with changing(file, NodeError("busy"), patience_s=0.01):
        pass


def test_what_is_not_there_is_nothing_and_what_is_damaged_is_told(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    assert read_list(file, Form, "Mend it.") is None
    file.write_text('{"v": 1}')
    assert read_list(file, Form, "Mend it.") == Form(v=1)
    for content in (b'{"v": 2}', b"{", b"\xff"):
        file.write_bytes(content)
        with pytest.raises(FileDamaged, match=r"events\.json .*\. Mend it\.$"):
            read_list(file, Form, "Mend it.")
