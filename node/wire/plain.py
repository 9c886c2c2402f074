"""What a peer's words have to be before they become part of a line that people read, or of a command they copy."""

LONGEST_LINE = 120
"""Characters of a name, as everywhere in Kudos."""


def is_line(text: str) -> bool:
    """Whether a text is 1 to 120 printable characters: no line's end, nothing that steers a terminal."""
    return 1 <= len(text) <= LONGEST_LINE and text.isprintable()
