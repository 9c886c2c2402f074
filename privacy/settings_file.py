"""Files of settings: TOML read strictly into a form, and what is wrong with one said so that somebody can mend it."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from privacy.errors import KudosError
from privacy.problems import first_problem

Form = TypeVar("Form", bound=BaseModel)


def read_settings(file: Path, form: type[Form], *, absent: KudosError, failure: type[KudosError], mend: str) -> Form:
    """What a TOML file in UTF-8 says, in its form.

    Raises `absent` where there is no such file. Raises `failure` for a file that cannot be read, is not TOML or does
    not fit the form: it names the file, the line or the key, and what is wrong there; `mend` is the sentence that
    says what to do. No value that stands in the file is in it but what the form's own checks quote.
    """
    try:
        return form.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise absent from error
    except OSError as error:
        raise failure(
            f"{file} cannot be read ({error.strerror}). Let the account that runs this program read it."
        ) from error
    except ValidationError as error:
        raise failure(f"{file}: {first_problem(error)}. {mend}") from error
    except (ValueError, RecursionError) as error:
        raise failure(f"{file} is not TOML: {error}. {mend}") from error
