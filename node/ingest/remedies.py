"""What to do about each reason for which a cell or a row cannot be read: the one place where that is said."""

EXPORT_AGAIN = "Export it again from the ticketing system."
NO_HEADER = "Begin the file with a line of the standard's names: kudos-node standard lists them."
AS_CSV = "Save it as CSV: UTF-8, commas."
AS_UTF8 = "Write it as UTF-8."
COMMAS = "Part the columns by commas, and put texts that hold one in double quotes."
ADD_COLUMN = "Add the column; kudos-node standard says what it means."
ONCE = "Keep one of the two columns."
CORRECT = "Correct the cell, or leave the row out."

_REMEDIES: tuple[tuple[str, str], ...] = (
    ("is empty", "Fill it: no row can do without it."),
    ("is none of", "Write one of these words, in small letters."),
    ("is no number of kroner", "Write kroner with a point and at most two decimals: 1250.00"),
    ("is no amount that I know", "Write kroner, such as 1250.00 or 1 250,00; tell the profile of any other form."),
    ("may mean thousands", "Say which sign begins the decimals: kudos-node profile set NAME --decimal ,"),
    ("ends as amounts with a decimal comma", "Say so: kudos-node profile set NAME --decimal ,"),
    ("is finer than one øre", "Round it to whole øre: at most two decimals."),
    ("is larger than any sale", "Look whether two columns ran together, or whether the amount is in øre."),
    ("makes more than any sale", "If the amount is the row's already: kudos-node profile set NAME --amount line"),
    ("is in another currency", "Only NOK is taken: leave such sales out, or write what was paid in kroner."),
    ("is another currency", "Only NOK is taken: leave such sales out, or write what was paid in kroner."),
    ("is no currency", "Write NOK, or leave the column out."),
    ("is no whole number", "Write digits alone, such as 2 or -1."),
    ("is less than", "Look whether the columns are in the right order."),
    ("is more than any hall holds", "Look whether the columns are in the right order."),
    ("is more than", "Look whether the columns are in the right order."),
    ("is neither true nor false", "Write true or false."),
    ("is neither yes nor no", "Write true or false."),
    ("is no state", "Say what it means, as in: kudos-node profile set NAME --value state.WORD=paid"),
    ("is no ", "Say what it means: kudos-node profile set NAME --value FIELD.WORD=MEANING"),
    ("lies before 1990", "Look whether the day, the month and the year are in the right order."),
    ("lies in the future", "Look whether this is the day of the event, where the day of the order belongs."),
    ("looks like", "Map another column, or none: names, addresses and numbers of people are never kept."),
    ("holds control characters", "Take line ends and invisible characters out of the text."),
    ("is longer than", "Shorten it: a title or a type is meant, and no description."),
    ("the file ends in the middle of a row", "It was cut off: export it again."),
    ("a quotation mark opens", 'Double a quotation mark that stands within a text ("" for ").'),
    ("a field of more than", "Look for a quotation mark that is not closed above this line."),
)  # fmt: skip

_DATES = "Write 2025-03-01T18:00:00+01:00, or tell the profile the form: kudos-node profile set NAME --dates PATTERN"


def remedy(reason: str) -> str:
    """What to do about a reason, as `values`, `times`, `column` and the readers word them."""
    if reason == "is no date that I know":
        return _DATES
    if "columns where the header has" in reason:
        return "Put texts that hold the delimiter in double quotes, or export the file again."
    return next((what for beginning, what in _REMEDIES if reason.startswith(beginning)), CORRECT)
