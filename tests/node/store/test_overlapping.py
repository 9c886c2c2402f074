"""Exports that overlap, taken while tickets are sold, returned, exchanged and cancelled: the last state counts."""

from pathlib import Path
from random import Random

import pytest

from node.home import Home
from tests.node.ingest.house import asked, csv, import_, new_home, store_of

HEAD = (
    "order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,state,ticket_id,original_order_id,"
    "original_line_id,email\n"
)
DAYS = 60


def shop(draw: Random) -> list[list[tuple[int, str, str]]]:
    """Per day, what the system holds then: of each line the day it was touched last, its key and its row."""
    lines: dict[str, tuple[int, str]] = {}
    held: list[list[tuple[int, str, str]]] = []
    for day in range(DAYS):
        for number in range(3):
            _sold(lines, f"O{day}-{number}", day, draw)
        for key in draw.sample(sorted(lines), 2):
            _later(lines, key, day, draw)
        held.append([(touched, key, row) for key, (touched, row) in lines.items()])
    return held


def _row(
    order: str, line: int, day: int, event: str, quantity: int, state: str, *, original: str = "", who: str
) -> str:
    """A row; days are counted from 1 January."""
    at = f"2026-{1 + day // 28:02d}-{1 + day % 28:02d}T12:00:00Z"
    back = f"{original},1" if original else ","
    return f"{order},{line},{at},{event},Voksen,{quantity},{100 * quantity}.00,{state},,{back},{who}\n"


def _sold(lines: dict[str, tuple[int, str]], order: str, day: int, draw: Random) -> None:
    who = f"person{draw.randrange(9)}@example.no" if draw.random() < 0.8 else ""
    lines[order] = (day, _row(order, 1, day, "E1", draw.randrange(1, 4), "paid", who=who))


def _later(lines: dict[str, tuple[int, str]], key: str, day: int, draw: Random) -> None:
    """A line is cancelled, returned by a line of its own, or exchanged for another event."""
    order, _, rest = lines[key][1].partition(",")
    fields = rest.strip().split(",")
    if fields[6] != "paid" or int(fields[4]) < 1 or key != order:
        return
    who, sold = fields[-1], int(fields[4])
    match draw.choice(["cancel", "return", "exchange"]):
        case "cancel":
            fields[6] = "cancelled"
            lines[key] = (day, ",".join([order, *fields]) + "\n")
        case "return":
            lines[f"{order}/R"] = (day, _row(order, 2, day, "E1", -sold, "returned", original=order, who=who))
        case _:
            lines[f"{order}/R"] = (day, _row(order, 2, day, "E1", -sold, "returned", original=order, who=who))
            lines[f"{order}/X"] = (day, _row(order, 3, day, "E2", sold, "paid", who=who))


def export(folder: Path, held: list[tuple[int, str, str]], since: int) -> Path:
    """What was touched since a day, as a file."""
    return csv(folder, f"since-{since}-{len(held)}.csv", HEAD + "".join(row for day, _, row in held if day >= since))


@pytest.mark.parametrize("seed", range(3))
def test_overlapping_exports_come_to_what_the_last_whole_one_says(tmp_path: Path, seed: int) -> None:
    draw = Random(seed)
    held = shop(draw)
    home, clean = new_home(tmp_path / "home"), new_home(tmp_path / "clean")
    last = 0
    for day in (20, 35, 36, DAYS - 1):
        import_(home, export(tmp_path, held[day], max(0, last - draw.randrange(12))))
        last = day
    import_(clean, export(tmp_path, held[-1], 0))
    assert store_of(home) == store_of(clean)
    assert _negative(home) == 0


def _negative(home: Home) -> int:
    """Returns that found no sale: here every one has its own."""
    return int(asked(home, "SELECT count(*) FROM sales JOIN customers USING (unit) WHERE tickets < 0")[0][0])
