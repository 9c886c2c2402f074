"""What the options common to all commands said, while one command runs."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Home = TypeVar("Home")


@dataclass
class State(Generic[Home]):
    """The program's folder, how it was named (` --home FOLDER`, or nothing), and whether JSON is to be printed."""

    home: Home
    home_option: str = ""
    as_json: bool = False
