"""kudos-audit mechanism: the noise that is installed here."""

import click

from privacy.audit.cli import output

_LETTERS = {
    "discrete_gaussian": ("σ", "μ"),
    "discrete_laplace": ("s", "ε"),
    "randomized_response": ("p", "ε"),
    "private_quantile": ("s", "η"),
}
"""What a mechanism's scale, or the probability of a flip, and what an attacker proves of it, are called."""


@click.command()
@output.common
def command() -> int:
    """Test the noise that is installed on this machine against its exact distribution.

    \b
    Example:  kudos-audit mechanism

    χ² of 100 000 draws at each scale, of the flips of four million bits of a sketch, and of 10 000 quantiles, which
    must pass; the same at 5 % less and 5 % more, which must fail, or the test would be worth nothing; and what an
    attacker can prove. Takes some 30 seconds. It says how the program that is installed here draws; that a member's
    node has the same one installed, nobody can see from outside.
    """
    from privacy.audit.mechanism import checks
    from privacy.audit.verdict import Verdict

    found = []
    for each in checks():
        found.append(each)
        held = "passes" if each.passed else "FAILS"
        power = "and noise that is off is refused" if each.power else "BUT noise that is off passes as well"
        letter, proved = _LETTERS[each.mechanism]
        what = f"{proved} ≥ {each.figure:.3f} of {each.limit:.3f}"
        if each.name == "distribution":
            what = f"p = {each.figure:.4f}"
        output.say(f"  {letter} = {float(each.scale):<8g} {each.name:<13} {what:<22} {held}, {power}")
    answer = Verdict.SOUND if all(each.sound for each in found) else Verdict.VIOLATION
    if all(each.passed for each in found) and answer is Verdict.VIOLATION:
        answer = Verdict.CANNOT_TELL
    if output.state.as_json:
        output.emit(
            {
                "verdict": str(answer),
                "checks": [
                    {
                        "mechanism": each.mechanism,
                        "check": each.name,
                        "scale": str(each.scale),
                        "figure": each.figure,
                        "limit": each.limit,
                        "passed": each.passed,
                        "power": each.power,
                    }
                    for each in found
                ],
            }
        )
    output.say(f"{answer}   {output.things(len(found), 'check')} of the noise installed here")
    return answer.exit_status
