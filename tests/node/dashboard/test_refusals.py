"""What refuses is said in the page's language, with the program's own sentence beside it."""

import pytest

from node.dashboard.access import Door
from node.dashboard.language import Language
from node.dashboard.refusals import told
from node.dashboard.rendering import error_page
from node.errors import StoreBusy, UsageError
from privacy.errors import KudosError
from privacy.ledger.errors import DamagedLedger
from privacy.sharing.text import BadText

NB, EN = Language("nb"), Language("en")


@pytest.mark.parametrize(
    "error",
    [UsageError("Say a day."), StoreBusy("Busy."), BadText("No text."), DamagedLedger("gone"), KudosError("Else.")],
)
def test_a_norwegian_page_says_it_in_norwegian_and_quotes_the_program(error: KudosError) -> None:
    said = told(NB, error)
    assert said.english == str(error)
    assert said.sentence not in (str(error), told(EN, error).sentence)
    assert told(EN, error) == type(said)(str(error))


def test_what_is_english_is_marked_as_such_and_nothing_is_markup() -> None:
    page = error_page(NB, UsageError("<b>No</b>"), Door.new(), wrong=True)
    assert '<html lang="nb"' in page
    assert '<p lang="en">&lt;b&gt;No&lt;/b&gt;</p>' in page
    assert 'lang="en">&lt;b' not in error_page(EN, UsageError("<b>No</b>"), Door.new())
