"""What comes next is made beforehand, in order, and what goes wrong then is told where it is taken."""

from collections.abc import Generator
from threading import Event, current_thread

import pytest

from node.ingest.ahead import ahead

SOON_S = 10


def test_all_come_in_their_order_and_none_is_lost() -> None:
    with ahead(each for each in range(100)) as items:
        assert list(items) == list(range(100))


def test_nothing_is_something_too() -> None:
    with ahead(each for each in (None, 0, None)) as items:
        assert list(items) == [None, 0, None]


def test_the_first_is_made_before_it_is_asked_for_and_each_next_one_while_one_is_used() -> None:
    made = [Event() for _ in range(3)]

    def making() -> Generator[str, None, None]:
        for each in made:
            each.set()
            yield current_thread().name

    with ahead(making()) as items:
        assert made[0].wait(SOON_S)
        assert not made[1].is_set()
        assert next(items) != current_thread().name
        assert made[1].wait(SOON_S)
        assert not made[2].is_set()


def test_what_goes_wrong_is_told_where_it_is_taken() -> None:
    def making() -> Generator[int, None, None]:
        yield 1
        raise ValueError("no second one")

    with ahead(making()) as items:
        assert next(items) == 1
        with pytest.raises(ValueError, match="no second one"):
            next(items)


def test_who_stops_early_leaves_nothing_going_on() -> None:
    begun, may_end, ended = Event(), Event(), []

    def making() -> Generator[int, None, None]:
        try:
            yield 1
            begun.set()
            may_end.wait(SOON_S)
            ended.append("made")
            yield 2
        finally:
            ended.append("closed")

    def stopping() -> None:
        with ahead(making()) as items:
            next(items)
            assert begun.wait(SOON_S)
            may_end.set()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopping()
    assert ended == ["made", "closed"]
