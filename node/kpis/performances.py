"""Performances as the own figures need them: with the institution's own names of genres."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from node.store.frames import Keeper
from node.store.performances import framed, performances
from privacy.bounds.frames import Frame
from privacy.catalogue.dimensions import UNKNOWN, Dimension, Level

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Performances:
    """The events of a store.

    `frame`: event_no, start_on date or null, weekday, daypart and genre int64 (categories), capacity int64 or null,
        cancelled bool
    `genre`: the institution's own names of genres, in the order of the alphabet
    """

    frame: Frame
    genre: Dimension


def performances_of(connection: "DuckDBPyConnection", zone: str, keep: Keeper) -> Performances:
    """The events of the store; `zone` names the institution's time zone."""
    found = performances(connection, zone)
    names = {event.own_genre for event in found if event.own_genre} - {UNKNOWN}
    genres = Dimension("genre", Level.LINE, (*sorted(names), UNKNOWN))
    at = {genre: index for index, genre in enumerate(genres.categories)}
    own = [replace(event, genre=at.get(event.own_genre or UNKNOWN, at[UNKNOWN])) for event in found]
    return Performances(framed(connection, own, keep), genres)
