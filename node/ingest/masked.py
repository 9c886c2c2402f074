"""The shape of a text: what of a cell may be shown and kept when it could not be read."""

import re

_LONGEST = 40
_AMOUNT = re.compile(
    r"(?:kr|nok)?\.? ?[-+−–]?(?:[0-9]{1,6}|[0-9]{1,3}(?:[., '][0-9]{3}){1,2})(?:[.,][0-9]{0,4})?(?:,-| ?kr\.?)?"
)
_YEAR = r"(?:0000|1[89][0-9]{2}|2[0-9]{3})"
_DAY = rf"(?:{_YEAR}[-./][0-9]{{1,2}}[-./][0-9]{{1,2}}|[0-9]{{1,2}}[-./][0-9]{{1,2}}[-./]{_YEAR})"
_TIME = re.compile(rf"{_DAY}(?:[T ][0-9]{{1,2}}[:.][0-9]{{2}}(?:[:.][0-9]{{2}})?)?")
_MOST_DIGITS = 6
"""Of an amount that is shown; telephone numbers are longer."""


def masked(text: str) -> str:
    """An amount or a date as it is; of anything else letters become x and digits 9."""
    if _TIME.fullmatch(text):
        return text
    if _AMOUNT.fullmatch(text.casefold()) and sum(map(str.isdigit, text)) <= _MOST_DIGITS:
        return text
    hidden = "".join("x" if letter.isalpha() else "9" if letter.isnumeric() else letter for letter in text[:_LONGEST])
    return re.sub(r"[^\x20-\x7e€–−]", "·", hidden) + ("…" if len(text) > _LONGEST else "")
