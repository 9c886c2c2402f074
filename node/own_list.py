"""Lists that an institution keeps of its own in the node's folder: read strictly, changed by one command at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from node.errors import FileDamaged, NodeError
from privacy.problems import first_problem

_PATIENCE_S = 10.0

Form = TypeVar("Form", bound=BaseModel)


def read_list(file: Path, form: type[Form], do: str) -> Form | None:
    """A file of JSON in its form; None where there is none. Raises FileDamaged, which says what to `do`."""
    try:
        return form.model_validate_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise FileDamaged(f"{file} cannot be read. {do}") from error
    except ValidationError as error:
        raise FileDamaged(f"{file} is damaged: {first_problem(error)}. {do}") from error


@contextmanager
def changing(file: Path, busy: NodeError, *, patience_s: float = _PATIENCE_S) -> Iterator[None]:
    """Keeps every other command from changing the list. Raises `busy` after `patience_s` in which another one does."""
    lock = FileLock(str(file.with_suffix(".lock")), mode=0o600)
    try:
        lock.acquire(timeout=patience_s)
    except Timeout as error:
        raise busy from error
    try:
        yield
    finally:
        lock.release()
