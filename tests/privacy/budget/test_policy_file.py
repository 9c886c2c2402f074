from fractions import Fraction
from pathlib import Path

import pytest

from privacy.budget.amounts import Epsilon, Rho, Spend
from privacy.budget.composition import total_epsilon
from privacy.budget.policy import Allowance, PolicyRefused, check, check_allowed
from privacy.budget.policy_file import DEFAULT_TEXT, BadPolicy, allow, parse, read, share_self_assessment
from privacy.studies.study import find

STUDY = find("benchmark")
OTHER_DIGEST = "sha256:" + "0" * 64
MINE = 'study = "mine"'


def test_a_fresh_policy_amounts_to_three_a_year_and_not_more() -> None:
    policy = parse(DEFAULT_TEXT, "policy.toml")
    assert policy.delta == Fraction(1, 10**6)
    assert policy.cap == Spend(Epsilon.parse("1.1"), Rho.parse("0.08"))
    assert Epsilon.parse("2.9") < total_epsilon(policy.cap, policy.delta) <= Epsilon.parse("3")


def test_a_fresh_policy_allows_nothing_and_asks_a_person() -> None:
    policy = parse(DEFAULT_TEXT, "policy.toml")
    assert policy.allowed == ()
    assert policy.approval_required
    assert not policy.named_pairs
    assert policy.sketch_epsilon == Epsilon.parse("1")
    with pytest.raises(PolicyRefused):
        check_allowed(policy, STUDY)


def test_a_shipped_study_fits_in_a_fresh_policy_once_it_is_allowed() -> None:
    policy = parse(allow(DEFAULT_TEXT, STUDY), "policy.toml")
    check(policy, STUDY, Spend(Epsilon(0), STUDY.rho), Spend.nothing())


def changed(old: str, new: str) -> str:
    assert DEFAULT_TEXT.count(old) == 1
    return DEFAULT_TEXT.replace(old, new)


def entry(study: str = "mine", digest: str = OTHER_DIGEST, tables: str = '"all"') -> str:
    return f'\n[[allow]]\nstudy = "{study}"\ndigest = "{digest}"\ntables = {tables}\n'


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        (changed('rho = "0.08"', "rho = 0.08"), "cap.rho", "a float is not exact"),
        (changed('rho = "0.08"', 'rho = "0.0800001"'), "cap.rho", "not an exact amount"),
        (changed('rho = "0.08"', 'rho = "-1"'), "cap.rho", "not an exact amount"),
        (changed('rho = "0.08"', 'rho = "nan"'), "cap.rho", "not an exact amount"),
        (changed('rho = "0.08"', 'rho = "inf"'), "cap.rho", "not an exact amount"),
        (changed('rho = "0.08"', 'rho = "1e-3"'), "cap.rho", "not an exact amount"),
        (changed('rho = "0.08"\n', ""), "cap.rho", "is missing"),
        (changed('delta = "0.000001"', 'delta = "0"'), "cap.delta", "at most 0.00001"),
        (changed('delta = "0.000001"', 'delta = "0.0001"'), "cap.delta", "at most 0.00001"),
        (changed('delta = "0.000001"', 'delta = "1e-6"'), "cap.delta", "at most 0.00001"),
        (changed('delta = "0.000001"', "delta = 0.000001"), "cap.delta", "at most 0.00001"),
        (changed("[approval]\nrequired = true\n", ""), "approval", "is missing"),
        (changed("required = true", "required = 1"), "approval.required", "boolean"),
        (changed("named_pairs = false", 'named_pairs = "no"'), "sketch.named_pairs", "boolean"),
        (changed("[sketch]\nepsilon", "[sketch]\nepsilons"), "sketch.epsilon", "is missing"),
        (
            changed('[sketch]\nepsilon = "1"', '[sketch]\nepsilon = "1.500001"'),
            "sketch.epsilon",
            "1.5 at most",
        ),
        (DEFAULT_TEXT + "\n[caps]\n", "caps", "no setting of a policy"),
        (DEFAULT_TEXT + entry(study="Mine!"), "allow.study (entry 1)", "pattern"),
        (DEFAULT_TEXT + entry(digest="sha256:abc"), "allow.digest (entry 1)", "pattern"),
        (
            DEFAULT_TEXT + entry() + entry("two", tables='["totals", "shoes"]'),
            "allow.tables (entry 2)",
            "totals, ",
        ),
        (DEFAULT_TEXT + entry(tables='"some"'), "allow.tables (entry 1)", "list of tables"),
        (DEFAULT_TEXT + entry() + entry(), "allow.study", "stands there twice"),
    ],
)
def test_an_error_names_the_file_the_field_and_the_reason(text: str, field: str, reason: str) -> None:
    with pytest.raises(BadPolicy) as caught:
        parse(text, "house/policy.toml")
    message = str(caught.value).replace("`", "")
    assert message.startswith(f"house/policy.toml: {field}")
    assert reason in message
    assert message.endswith(".")


@pytest.mark.parametrize(
    "text",
    ["[cap", "cap = 1", "x = " + "[" * 100_000, "x = " + "9" * 5_000, 'a = "\x00"'],
    ids=lambda text: text[:8],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(BadPolicy, match=r"this is not TOML|`cap`"):
        parse(text, "policy.toml")


def test_the_sketch_may_cost_one_and_a_half() -> None:
    policy = parse(changed('[sketch]\nepsilon = "1"', '[sketch]\nepsilon = "1.5"'), "policy.toml")
    assert policy.sketch_epsilon == Epsilon.parse("1.5")


def test_a_file_that_is_not_there_refuses_everything(tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match="everything is refused"):
        read(tmp_path / "policy.toml")
    (tmp_path / "policy.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadPolicy, match="UTF-8"):
        read(tmp_path / "policy.toml")
    (tmp_path / "policy.toml").write_text(DEFAULT_TEXT, encoding="utf-8")
    assert read(tmp_path / "policy.toml") == parse(DEFAULT_TEXT, "policy.toml")


def test_comments_and_spelling_leave_the_digest_alone() -> None:
    plain = parse(DEFAULT_TEXT + entry("a") + entry("b", tables='["month", "totals"]'), "x")
    other = "# mine\n" + changed('rho = "0.08"', 'rho = "0.080000"  # as agreed')
    shuffled = parse(other + entry("b", tables='["totals", "month", "month"]') + entry("a"), "y")
    assert plain.digest == shuffled.digest
    assert plain.digest != parse(DEFAULT_TEXT, "x").digest


def test_allowing_a_study_keeps_everything_else() -> None:
    own = changed('rho = "0.08"', 'rho = "0.05"  # the board, 12 March') + entry()
    edited = allow(own, STUDY)
    before, after = parse(own, "before"), parse(edited, "after")
    tables = tuple(sorted(table.name for table in STUDY.tables))
    assert after.allowed == (*before.allowed, Allowance(STUDY.name, STUDY.digest, tables))
    assert after.cap == before.cap
    assert [line for line in own.splitlines() if line not in edited.splitlines()] == []


def test_allowing_a_study_allows_its_quantiles_by_name() -> None:
    study = find("portfolio-year")
    edited = allow(DEFAULT_TEXT, study)
    assert '"revenue_quantiles"' in edited
    (allowance,) = parse(edited, "x").allowed
    assert allowance.tables == tuple(sorted(study.names))
    check_allowed(parse(edited, "x"), study)
    with pytest.raises(BadPolicy, match=r"totals, .*orders_quantiles"):
        parse(edited.replace("revenue_quantiles", "customers_quantiles"), "x")


def test_allowing_a_study_again_replaces_its_entry() -> None:
    old = DEFAULT_TEXT + "\n# since 2025" + entry(STUDY.name, tables='["totals"]') + entry("another")
    edited = allow(old, STUDY)
    assert edited == allow(edited, STUDY)
    assert [allowance.study for allowance in parse(edited, "x").allowed] == ["benchmark", "another"]
    assert parse(edited, "x").allowed[0].digest == STUDY.digest
    assert "# since 2025" in edited
    check_allowed(parse(edited, "x"), STUDY)


@pytest.mark.parametrize(
    "inline", ["allow = []\n", f'allow = [{{ {MINE}, digest = "{OTHER_DIGEST}", tables = "all" }}]\n']
)
def test_a_list_in_one_line_can_be_added_to(inline: str) -> None:
    text = inline + DEFAULT_TEXT
    policy = parse(allow(text, STUDY), "x")
    check_allowed(policy, STUDY)
    assert len(policy.allowed) == len(parse(text, "x").allowed) + 1


def test_sharing_the_self_assessment_changes_nothing_else_and_is_denied_by_default() -> None:
    """Also in a policy of a version that did not know of it, with studies allowed at its end."""
    older = DEFAULT_TEXT.replace("[sharing]\nself_assessment = false\n", "")
    assert "[sharing]" not in older
    for text in (DEFAULT_TEXT, older, allow(older, STUDY), allow(DEFAULT_TEXT, STUDY)):
        before = parse(text, "policy.toml")
        assert not before.self_assessment
        shared = parse(share_self_assessment(text, on=True), "policy.toml")
        assert shared.self_assessment
        assert shared.allowed == before.allowed
        assert shared.digest != before.digest
        again = parse(share_self_assessment(share_self_assessment(text, on=True), on=False), "policy.toml")
        assert again == before
        assert again.digest == before.digest
        assert parse(allow(share_self_assessment(text, on=True), STUDY), "policy.toml").self_assessment
    for wrong in ('[sharing]\nself_assessment = "yes"', "[sharing]\nfigures = true"):
        with pytest.raises(BadPolicy):
            parse(f"{older}\n{wrong}\n", "policy.toml")


def test_a_policy_that_is_wrong_is_not_edited() -> None:
    with pytest.raises(BadPolicy):
        allow("[cap]", STUDY)
