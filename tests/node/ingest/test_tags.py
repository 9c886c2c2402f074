"""Culture segments from the TagTool: an e-mail address and a segment, joined to customers, and no address kept."""

from pathlib import Path

import pytest

from node.home import Home
from tests.node.controller.house import files_with, line, sales
from tests.node.ingest.house import asked, csv, import_, new_home

TAGS = "Email,Segment\nKARI.Nordmann@example.no,Essence\nstranger@example.no,Release\nola.nordmann@example.no,\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def segments(home: Home) -> list[tuple[str | None, int]]:
    """Segments of those who bought, with how often they did."""
    return asked(
        home,
        "SELECT segment, count(*) FROM customers JOIN sales USING (unit) GROUP BY ALL ORDER BY ALL",
    )


@pytest.mark.parametrize("tags_first", [True, False])
def test_a_segment_joins_its_customer_whichever_file_comes_first(home: Home, tmp_path: Path, tags_first: bool) -> None:
    files = [sales(tmp_path, line("A1", who="kari"), line("A2", who="ola")), csv(tmp_path, "tags.csv", TAGS)]
    for file in reversed(files) if tags_first else files:
        import_(home, file)
    assert segments(home) == [("essence", 1), (None, 1)]
    assert files_with(home.path, b"nordmann", b"Nordmann", b"stranger") == []


def test_a_later_tag_replaces_an_earlier_one(home: Home, tmp_path: Path) -> None:
    import_(home, sales(tmp_path, line("A1", who="kari")), csv(tmp_path, "tags.csv", TAGS))
    import_(home, csv(tmp_path, "later.csv", TAGS.replace("Essence", "Stimulation")))
    assert segments(home) == [("stimulation", 1)]
