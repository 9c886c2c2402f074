"""The store after several files is the same in whatever sequence they came, and after coming again."""

from itertools import permutations
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.home import Home
from tests.node.ingest.house import asked, csv, import_, new_home, store_of, totals

HEAD = "order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,state,email\n"
UNNAMED = HEAD.replace("line_id,", "")


def line(order: str, name: str, quantity: int = 1, amount: int = 100, state: str = "paid", email: str = "") -> str:
    return f"{order},{name},2025-03-01T18:00:00Z,E1,Voksen,{quantity},{amount}.00,{state},{email}\n"


def unnamed(values: tuple[str, int, int]) -> str:
    order, quantity, amount = values
    return f"{order},2025-03-01T18:00:00Z,E1,Voksen,{quantity},{amount}.00,paid,x@y.no\n"


PARTS = (
    HEAD + line("A", "1", email="a@example.no") + line("B", "1", 2, 300, email="b@example.no") + line("D", "1"),
    HEAD + line("B", "1", 2, 300, email="b@example.no") + line("B", "2", email="b@example.no") + line("C", "1"),
    HEAD + line("C", "1") + line("A", "2", -1, -50, email="a@example.no") + line("D", "1") + line("E", "1", 3, 0),
)


def test_files_that_agree_give_one_store_in_any_sequence(tmp_path: Path) -> None:
    files = [csv(tmp_path, f"part{number}.csv", text) for number, text in enumerate(PARTS)]
    stores = []
    for number, sequence in enumerate([*permutations(files)][::2]):
        home = new_home(tmp_path / f"home{number}")
        for file in sequence:
            import_(home, file)
        stores.append(store_of(home))
    together = new_home(tmp_path / "together")
    import_(together, *files)
    stores.append(store_of(together))
    assert all(store == stores[0] for store in stores)
    assert totals(together) == (5, 8, 65_000)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.integers(1, 2), st.sampled_from([100, 200])),
        min_size=1,
        max_size=8,
    ),
)
def test_lines_without_names_are_the_same_lines_when_they_come_again(
    tmp_path: Path, lines: list[tuple[str, int, int]]
) -> None:
    """Within an order, equal lines are told apart by their number alone."""
    home = new_home(tmp_path / f"home{len(list(tmp_path.iterdir()))}")
    file = csv(home.path, "salg.csv", UNNAMED + "".join(map(unnamed, lines)))
    first = import_(home, file).files[0]
    assert first.lines_new == len(lines)
    before = store_of(home)
    again = import_(home, file).files[0]
    assert (again.lines_new, again.lines_updated, again.lines_unchanged) == (0, 0, len(lines))
    assert store_of(home) == before
    by_order = sorted(lines, key=lambda line: line[0])
    reordered = csv(home.path, "reordered.csv", UNNAMED + "".join(map(unnamed, by_order)))
    third = import_(home, reordered).files[0]
    assert third.lines_new == 0


def test_names_that_turn_up_missing_in_the_middle_of_a_file(tmp_path: Path) -> None:
    """The first chunk names every line, a later one does not: the file is read again, and nothing counts twice."""
    home = new_home(tmp_path / "home")
    named = "".join(line(f"A{number}", "1", amount=1) for number in range(6000))
    without = "".join(line("Z", "", amount=1) for _ in range(3))
    file = csv(tmp_path, "salg.csv", HEAD + named + without)
    item = import_(home, file).files[0]
    assert (item.rows, item.lines_new) == (6003, 6003)
    assert totals(home) == (6001, 6003, 600_300)
    assert import_(home, file).files[0].lines_unchanged == 6003


def test_a_line_that_stands_twice_far_apart_counts_once(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    lines = [line(f"A{number}", "1", amount=1, email=f"p{number}@example.no") for number in range(6000)]
    file = csv(tmp_path, "salg.csv", HEAD + "".join(lines) + line("A0", "1", amount=2))
    item = import_(home, file).files[0]
    assert (item.rows, item.lines_new, item.skipped) == (6001, 6000, 1)
    assert totals(home) == (6000, 6000, 600_100)


def test_two_systems_with_equal_numbers_do_not_meet(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    file = csv(tmp_path, "salg.csv", PARTS[0])
    import_(home, file, source="hall-a")
    import_(home, file, source="hall-b")
    assert totals(home) == (6, 8, 100_000)
    assert asked(home, "SELECT count(*) FROM customers") == [(2,)]


def test_a_sale_that_was_returned_by_its_state_and_by_a_line_is_taken_back_once(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    head = HEAD.replace("event_id", "original_line_id")
    sold = "A,1,2025-03-01T18:00:00Z,,Voksen,1,100.00,returned,a@example.no\n"
    kept = "A,2,2025-03-01T18:00:00Z,,Voksen,1,100.00,paid,a@example.no\n"
    back = "A,3,2025-03-02T18:00:00Z,1,Voksen,-1,-100.00,paid,a@example.no\n"
    import_(home, csv(tmp_path, "salg.csv", head + sold + kept + back))
    assert totals(home) == (1, 1, 10_000)


def test_reservations_are_left_out_until_they_are_paid(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    item = import_(home, csv(tmp_path, "a.csv", HEAD + line("A", "1", state="reserved") + line("B", "1"))).files[0]
    assert (item.lines_new, item.skipped) == (1, 1)
    item = import_(home, csv(tmp_path, "b.csv", HEAD + line("A", "1") + line("B", "1", state="reserved"))).files[0]
    assert (item.lines_new, item.lines_updated, item.skipped) == (1, 1, 0)
    assert totals(home) == (1, 1, 10_000)


def grown(home: Home, *files: Path) -> int:
    return sum(item.grown for item in import_(home, *files).files)


def test_orders_without_names_of_lines_that_get_other_sales_are_counted(tmp_path: Path) -> None:
    """A price that has changed cannot be told from a ticket that was added: both stand, and somebody has to look."""
    home = new_home(tmp_path / "home")
    sold = [("A", 1, 100), ("B", 2, 200), ("C", 1, 300), ("D", 1, 400)]
    assert grown(home, csv(tmp_path, "first.csv", UNNAMED + "".join(map(unnamed, sold)))) == 0
    again = [("A", 1, 100), ("B", 2, 150), ("C", 1, 250), ("C", 1, 50), ("E", 1, 100)]
    assert grown(home, csv(tmp_path, "again.csv", UNNAMED + "".join(map(unnamed, again)))) == 2
    added = [("A", 1, 100), ("A", 1, 50), ("D", -1, -400)]  # to a sale that the file has too; a return of one it lacks
    assert grown(home, csv(tmp_path, "added.csv", UNNAMED + "".join(map(unnamed, added)))) == 0
    other = new_home(tmp_path / "other")
    assert grown(other, csv(tmp_path, "named.csv", HEAD + line("A", "1"))) == 0
    assert grown(other, csv(tmp_path, "more.csv", HEAD + line("A", "2"))) == 0
