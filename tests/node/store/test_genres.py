"""An institution's own names of genres, in the closed list."""

import pytest

from node.store.genres import OTHER, RULES, harmonised
from privacy.catalogue.dimensions import GENRE, UNKNOWN


@pytest.mark.parametrize(
    ("own", "category"),
    [
        ("Teater", "theatre"),
        ("Skodespel", "theatre"),
        ("Performing arts", "theatre"),
        ("Dansk teater", "theatre"),
        ("Musikkteater", "theatre"),
        ("Barneteater", "family"),
        ("Musikal, familie", "family"),
        ("Danseteater", "dance"),
        ("Samtidsdans", "dance"),
        ("Ballett", "dance"),
        ("Danseband", "popular-music"),
        ("Musikal", "musical"),
        ("Opera/operette", "opera"),
        ("SYMFONIKONSERT", "classical"),
        ("Korkonsert", "classical"),
        ("Chamber music", "classical"),
        ("Pop/rock", "popular-music"),
        ("Hip hop", "popular-music"),
        ("Jazz", "jazz-folk"),
        ("Folkemusikk", "jazz-folk"),
        ("Jazzfestival", "festival"),
        ("Stand up", "comedy"),
        ("Stand-up", "comedy"),
        ("Revy", "comedy"),
        ("Dansk film", "film"),
        ("Kunstutstilling", "exhibition"),
        ("Guided tour", "exhibition"),
        (" Popular-Music ", "popular-music"),
        ("Konsert", "other"),
        ("Foredrag", "other"),
        ("Organisasjon", "other"),
        ("Rekord", "other"),
        ("Artist talk", "other"),
        ("2026", "other"),
        ("🎭", "other"),
        ("", "unknown"),
        ("  ", "unknown"),
        ("Unknown", "unknown"),
        (None, "unknown"),
    ],
)
def test_genres_are_known_by_their_words(own: str | None, category: str) -> None:
    assert harmonised(own) == category


def test_every_category_has_words_and_is_its_own_name() -> None:
    assert [category for category, _ in RULES if category not in GENRE.categories] == []
    assert {category for category, _ in RULES} | {OTHER, UNKNOWN} == set(GENRE.categories)
    assert all(harmonised(category) == category for category in GENRE.categories)
