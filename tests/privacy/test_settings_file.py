"""A file of settings is read strictly, and what is wrong with one names the file, the place and what to do."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from privacy.errors import KudosError
from privacy.settings_file import read_settings


class Port(BaseModel):
    """A part of the settings below."""

    model_config = ConfigDict(extra="forbid")

    number: int


class Settings(BaseModel):
    """Invented settings."""

    model_config = ConfigDict(extra="forbid")

    name: str
    port: Port


class Absent(KudosError):
    """There are no settings."""


class Bad(KudosError):
    """The settings are bad."""


def read(file: Path) -> Settings:
    """The settings of a file."""
    return read_settings(file, Settings, absent=Absent("Make one."), failure=Bad, mend="Mend that line.")


def test_good_settings_are_read(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('name = "Bodø"\nport.number = 1\n', encoding="utf-8")
    assert read(file) == Settings(name="Bodø", port=Port(number=1))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'name = "a"\nport.number =\n', r"is not TOML: .*line 2.*\. Mend that line\.$"),
        (b'name = "Bod\xf8"\n', r"is not TOML: .*utf-8.*\. Mend that line\.$"),
        (b"name = " + b"[" * 100_000, r"is not TOML: .*\. Mend that line\.$"),
        (b'name = "a"\nport.number = "secret"\n', r": port\.number: [^\n]*\. Mend that line\.$"),
        (b'name = "a"\n', r": port: Field required\. Mend that line\.$"),
        (b'name = "a"\nnmae = "b"\nport.number = 1\n', r": nmae: Extra inputs are not permitted\. Mend that line\.$"),
    ],
)
def test_bad_settings_are_refused_with_the_place_and_never_a_value(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(content)
    with pytest.raises(Bad, match=says) as refused:
        read(file)
    assert str(refused.value).startswith(str(file))
    assert "secret" not in str(refused.value)


def test_where_there_is_no_file_the_callers_own_error_is_raised(tmp_path: Path) -> None:
    with pytest.raises(Absent, match="Make one"):
        read(tmp_path / "settings.toml")


def test_a_file_that_cannot_be_read_is_named_with_the_systems_reason(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").mkdir()
    with pytest.raises(Bad, match=r"settings\.toml cannot be read \(Is a directory\)\. "):
        read(tmp_path / "settings.toml")
