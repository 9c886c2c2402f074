"""What pydantic found wrong in a file, as one line: the same for everything that is read strictly."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails


def first(error: ValidationError) -> ErrorDetails:
    """The first problem, without the value that stood there: it might be one of a customer's."""
    return error.errors(include_input=False, include_url=False)[0]


def first_problem(error: ValidationError) -> str:
    """The place and the message of the first problem, such as `bounds.max_orders: Field required`.

    The place has a list's positions as numbers from 0. It is left out for a problem of the whole, and so are
    pydantic's own words before a message of ours.
    """
    problem = first(error)
    message = problem["msg"].removeprefix("Value error, ")
    place = ".".join(str(step) for step in problem["loc"])
    return f"{place}: {message}" if place else message
