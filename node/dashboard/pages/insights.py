"""What members tell each other about a benchmark, in their own words."""

from node.dashboard.model import Block, Empty, Page
from node.dashboard.view import View, why_no_cohort


def insights(view: View) -> Page:
    """The page."""
    _ = view.language
    title = _("Insights")
    lead = _("What institutions make of the benchmarks, in their own words.")
    if view.viewer or view.told is None:
        empty = Empty(
            _("Texts are for the members of a cohort."),
            _("NPU, which carries them, reads and hides them here:"),
            "kudos-coordinator insight list",
        )
        return Page("insights", title, lead, (Block("viewer", title, empty=empty),))
    if view.told.alone:
        return Page("insights", title, lead, (Block("alone", title, empty=why_no_cohort(view)),))
    return Page("insights", title, lead, (_texts(view), _form(view)))


def _texts(view: View) -> Block:
    _ = view.language
    title = _("From the members of your cohorts, and from you")
    assert view.told is not None  # noqa: S101  asked before
    if not view.told.insights:
        return Block(
            "texts",
            title,
            empty=Empty(
                _("Nobody has written anything yet."),
                _("Be the first, below. To look for texts of others:"),
                "kudos-node run --once",
            ),
        )
    note = _(
        "Each text is signed by its sender’s node, and verified here. That none is held back on the way, nobody can "
        "know."
    )
    return Block("texts", title, notes=(note,), part="insights")


def _form(view: View) -> Block:
    _ = view.language
    title = _("Share an insight")
    assert view.told is not None  # noqa: S101  asked before
    if not view.told.audiences:
        return Block(
            "share",
            title,
            empty=Empty(
                _("You can write about a benchmark that your own figures are in."),
                _("Choose its months above, or take part in the next round."),
            ),
        )
    said = _(
        "No figure of yours goes along: others read what you type and nothing else, with your institution’s name and "
        "the time. NPU can read it too, and may hide it. You can withdraw it."
    )
    return Block("share", title, said, part="insight-form")
