"""Numbers as people read them."""

_UNITS = {"revenue_ore": ("mill. kr", 1e-8, 2), "retention": ("%", 100.0, 2)}


def spaced(number: float) -> str:
    """A whole number with spaces between thousands."""
    return f"{round(number):,}".replace(",", " ")


def megabytes(size: int) -> str:
    """A size of files."""
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def unit(measure: str) -> str:
    """What a measure of a benchmark is shown in, where it is no plain number."""
    return _form(measure)[0]


def figure(value: float, measure: str) -> str:
    """A figure of a benchmark in that unit."""
    _, factor, decimals = _form(measure)
    return f"{value * factor:,.{decimals}f}".replace(",", " ")


def _form(measure: str) -> tuple[str, float, int]:
    if measure in _UNITS:
        return _UNITS[measure]
    if measure.endswith("_ore"):
        return "kr", 0.01, 1
    if measure.endswith("_share"):
        return "%", 100.0, 2
    return "", 1.0, 0 if measure in ("customers", "orders", "tickets") else 3
