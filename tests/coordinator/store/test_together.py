"""Group commit: one transaction for many, each refused for itself alone, and nobody told before it is on the disk."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, insert, select
from sqlalchemy.exc import IntegrityError

from coordinator.errors import NotYet, StoreBusy, StoreUnusable
from coordinator.store.engine import Store, create_store
from coordinator.store.tables import meta
from coordinator.store.together import MOST, Together, _Turn
from tests.databases import Databases

PATIENCE_S = 60


@pytest.fixture
def store(databases: Databases, tmp_path: Path) -> Iterator[Store]:
    with databases.one() as found, create_store(found or f"sqlite:///{tmp_path / 'store.sqlite'}") as made:
        yield made


def putting(name: str) -> Callable[[Connection], str]:
    def work(connection: Connection) -> str:
        connection.execute(insert(meta).values(name=name, value="there"))
        return name

    return work


def names(store: Store) -> set[str]:
    with store.reading() as connection:
        return set(connection.execute(select(meta.c.name)).scalars()) - {"schema"}


def commits(store: Store) -> list[int]:
    """Grows by one at each commit."""
    found: list[int] = []
    event.listen(store.engine, "commit", lambda _: found.append(1))
    return found


def all_at_once(store: Store, works: list[Callable[[Connection], str]]) -> list[str | BaseException]:
    """What came of each, in their order, after a first one that holds its transaction until all others wait."""
    begun, waiting = threading.Event(), threading.Event()

    def first(connection: Connection) -> str:
        begun.set()
        assert waiting.wait(PATIENCE_S)
        return putting("first")(connection)

    def told(work: Callable[[Connection], str]) -> str | BaseException:
        try:
            return store.together(work)
        except BaseException as error:  # noqa: BLE001  is looked at by the test
            return error

    with ThreadPoolExecutor(len(works) + 1) as pool:
        holding = pool.submit(told, first)
        assert begun.wait(PATIENCE_S)
        others = []
        for number, work in enumerate(works, start=1):
            others.append(pool.submit(told, work))
            while len(store._together._waiting) < number:  # in this order they are in the next transaction
                threading.Event().wait(0.001)
        waiting.set()
        assert holding.result(PATIENCE_S) == "first"
        return [other.result(PATIENCE_S) for other in others]


def test_one_alone_is_a_transaction_as_any_other(store: Store) -> None:
    assert store.together(putting("one")) == "one"
    with pytest.raises(NotYet):
        store.together(refused)
    assert names(store) == {"one"}


def refused(connection: Connection) -> str:
    putting("half")(connection)
    raise NotYet("Later.")


def test_who_comes_meanwhile_shares_one_commit(store: Store) -> None:
    counted = commits(store)
    wanted = [f"n{number}" for number in range(2 * MOST)]
    assert all_at_once(store, [putting(name) for name in wanted]) == wanted
    assert names(store) == {"first", *wanted}
    assert len(counted) == 3


def test_what_one_is_refused_changes_nothing_for_the_others(store: Store) -> None:
    found = all_at_once(store, [putting("a"), refused, putting("b")])
    assert isinstance(found[1], NotYet)
    assert [found[0], found[2]] == ["a", "b"]
    assert names(store) == {"first", "a", "b"}


def test_a_later_one_sees_what_an_earlier_one_of_its_transaction_did(store: Store) -> None:
    def looks(connection: Connection) -> str:
        return ",".join(sorted(connection.execute(select(meta.c.name)).scalars()))

    assert all_at_once(store, [putting("a"), looks])[1] == "a,first,schema"


def test_what_fails_fails_for_itself_alone(store: Store) -> None:
    def divides(connection: Connection) -> str:
        putting("half")(connection)
        return str(1 // 0)

    found = all_at_once(store, [putting("a"), divides, putting("first"), putting("b")])
    assert isinstance(found[1], ZeroDivisionError)
    assert isinstance(found[2], StoreUnusable)
    assert isinstance(found[2].__cause__, IntegrityError)
    assert [found[0], found[3]] == ["a", "b"]
    assert names(store) == {"first", "a", "b"}


def test_who_is_kept_waiting_by_another_process_waits_once(store: Store) -> None:
    begun: list[int] = []

    @contextmanager
    def busy() -> Iterator[Connection]:
        begun.append(1)
        if begun:
            raise StoreBusy("Another process has worked in the store for too long. Try again.")
        with store.transaction() as connection:
            yield connection

    ours = Together(busy)
    turns = [_Turn(putting(f"n{number}")) for number in range(9)]
    ours._waiting = turns[1:]
    with pytest.raises(StoreBusy):
        ours.run(turns[0].work)
    assert all(turn.answer is not None for turn in turns[1:])
    assert len(begun) == 1


def test_what_ends_a_thread_leaves_nobody_waiting(store: Store) -> None:
    def ends(connection: Connection) -> str:
        putting("half")(connection)
        raise SystemExit(3)

    found = all_at_once(store, [putting("a"), ends, putting("b")])
    assert [found[0], found[2]] == ["a", "b"]
    assert isinstance(found[1], SystemExit)
    assert names(store) == {"first", "a", "b"}


def test_nobody_is_told_of_what_was_not_committed(store: Store) -> None:
    """Also not of a refusal, which may rest on what another did in the same transaction."""
    failing = threading.Event()

    def fails(_: Connection) -> None:
        if failing.is_set():
            raise OSError("no space left")

    def a(connection: Connection) -> str:
        failing.set()
        return putting("a")(connection)

    event.listen(store.engine, "commit", fails)
    found = all_at_once(store, [a, refused])
    assert isinstance(found[0], OSError)
    assert isinstance(found[1], NotYet)  # it was refused once more, by what is committed, in a transaction of its own
    failing.clear()
    assert names(store) == {"first"}
    assert store.together(putting("c")) == "c"
