"""Every reason of suppression has words."""

from privacy.estimate.reasons import Reason
from privacy.terminal.reasons import WORDS, in_words


def test_every_reason_has_words_of_its_own_and_no_words_are_left_over() -> None:
    assert set(WORDS) == set(Reason)
    assert len(set(WORDS.values())) == len(WORDS)
    assert all(in_words(reason) == WORDS[reason] for reason in Reason)


def test_a_reason_of_another_version_stands_as_it_is() -> None:
    assert in_words("SOMETHING_NEW") == "SOMETHING_NEW"
