"""What is told of a file that does not read: where and what, never the value that stood there."""

from typing import Annotated

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, TypeAdapter, ValidationError, model_validator

from node.errors import NodeError
from node.home import Home
from node.ingest import profile
from privacy.budget import policy_file
from privacy.errors import KudosError
from privacy.ledger import leaves
from privacy.problems import first, first_problem
from privacy.studies import study

SECRET = "kari.nordmann@example.no"


def _even(number: int) -> int:
    if number % 2:
        raise ValueError("write an even number")
    return number


class Inner(BaseModel):
    number: Annotated[int, AfterValidator(_even)]


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    inner: list[Inner] = []

    @model_validator(mode="after")
    def _not_too_many(self) -> "Outer":
        if len(self.inner) > 2:
            raise ValueError("at most two")
        return self


def problem(content: object) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(content)
    return caught.value


def test_the_place_has_names_and_positions() -> None:
    assert first_problem(problem({"inner": [{"number": 2}, {}]})) == "inner.1.number: Field required"


def test_a_message_of_ours_stands_without_pydantics_words() -> None:
    assert first_problem(problem({"inner": [{"number": 3}]})) == "inner.0.number: write an even number"


def test_a_problem_of_the_whole_has_no_place() -> None:
    assert first_problem(problem({"inner": [{"number": 2}] * 3})) == "at most two"
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(int).validate_python("x")
    assert not first_problem(caught.value).startswith(":")


def test_only_the_first_of_several_is_told() -> None:
    several = problem({"inner": [{}, {}], "more": 1})
    assert several.error_count() == 3
    assert "\n" not in first_problem(several)
    assert first(several)["loc"] == ("inner", 0, "number")


@pytest.mark.parametrize("content", [{"inner": [{"number": SECRET}]}, {"inner": SECRET}, SECRET])
def test_the_value_is_never_told(content: object) -> None:
    found = problem(content)
    assert SECRET in str(found)
    assert SECRET not in first_problem(found)
    assert "input" not in first(found)


# Every file that is read strictly tells of itself in this way.


def a_study(_: Home) -> None:
    study.parse(f'name = "x"\nversion = "{SECRET}"\n', "the file")


def a_profile(_: Home) -> None:
    profile.parse(f'name = "x"\ntitle = "x"\nbasis = "{SECRET}"\n', "the file")


def a_policy(_: Home) -> None:
    policy_file.parse(f'cap = "{SECRET}"\n', "the file")


def settings(home: Home) -> None:
    home.settings_file.write_text(f'name = "x"\nown_domains = "{SECRET}"\n', encoding="utf-8")
    home.settings()


def a_leaf(_: Home) -> None:
    leaves.parse(b'{"type":"open","seq":0,"time":"%s"}' % SECRET.encode())


@pytest.mark.parametrize(
    ("reads", "place"),
    [
        (a_study, "version: "),
        (a_profile, "basis: "),
        (a_policy, "`cap`: "),
        (settings, "industry: "),
        (a_leaf, "time: "),
    ],
)
def test_each_parser_names_the_place_and_not_the_value(
    tmp_path_factory: pytest.TempPathFactory, reads: object, place: str
) -> None:
    assert callable(reads)
    with pytest.raises(KudosError) as caught:
        reads(Home(tmp_path_factory.mktemp("home")))
    assert place in str(caught.value)
    assert SECRET not in str(caught.value)
    assert "Value error" not in str(caught.value)
    assert isinstance(caught.value, NodeError) or caught.value.reason in ("BAD_STUDY", "BAD_POLICY", "LEDGER_DAMAGED")
