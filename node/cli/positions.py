"""Where the institution stands among the members of its cohorts, as `kudos-node benchmark` shows it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from node.cli import output
from privacy.terminal.figures import figure, name_of

if TYPE_CHECKING:
    from node.benchmark.position import Position


def show_positions(placed: "Sequence[Position]") -> None:
    """Prints a table for each cohort whose quartiles are published; nothing where none are."""
    for cohort in dict.fromkeys(each.cohort for each in placed):
        mine = [each for each in placed if each.cohort == cohort]
        output.say()
        output.say(f"Among the {mine[0].members} members of {cohort}, each counting once:")
        output.table(
            ["", "you>", "lower quartile>", "middle>", "upper quartile>", "you are"],
            [
                (
                    name_of(each.kpi),
                    figure(each.own, each.kpi),
                    *(figure(float(cell.value or 0), each.kpi) for cell in each.quartiles),
                    f"{each.place.value}{'' if each.certain else ' ≈'}",
                )
                for each in mine
            ],
        )
    if any(not each.certain for each in placed):
        output.say("  ≈ as near to a quartile as its noise: you may as well be on its other side")


def position_json(each: "Position") -> dict[str, Any]:
    """A position for programs."""
    lower, middle, upper = (float(cell.value or 0) for cell in each.quartiles)
    return {
        "cohort": each.cohort,
        "measure": each.kpi,
        "own": each.own,
        "members": each.members,
        "q1": lower,
        "median": middle,
        "q3": upper,
        "position": each.place.value,
        "within_noise": not each.certain,
    }
