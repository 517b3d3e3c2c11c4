from pathlib import Path

import pytest

from frankpledge.contracts import BadContract, load, shipped
from frankpledge.contracts.compiling import WHOLE_SUBMISSION, compiled
from frankpledge.contracts.model import parse
from frankpledge.contracts.reference import Reference

FOLDER = Path(__file__).parents[3] / "src" / "frankpledge" / "contracts" / "definitions"


def test_two_contracts_are_shipped():
    assert set(shipped()) == {"police-street", "agency-counts"}
    assert load(FOLDER / "police-street.odcs.yaml") == shipped()["police-street"]


def test_the_police_contract_has_the_published_columns():
    assert shipped()["police-street"].headers == (
        "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location",
        "LSOA code", "LSOA name", "Crime type", "Last outcome category", "Context",
    )  # fmt: skip


@pytest.mark.parametrize("key", ["police-street", "agency-counts"])
def test_every_rule_says_what_is_wrong_and_what_to_do(key):
    contract = shipped()[key]
    for rule in contract.rules:
        assert rule.message.endswith(".") and rule.remedy.endswith("."), rule.key
    for test in compiled(contract, Reference()):
        assert test.message, test.key
        assert test.remedy, f"{test.key} of {test.columns} has no remedy"
    assert contract.known_faults


def test_every_code_of_an_indicator_has_a_definition():
    for code in shipped()["agency-counts"].field("indicator").codes:
        assert code.label and code.definition.endswith(".")


def test_nothing_is_compiled_for_rules_over_the_whole_submission():
    contract = shipped()["police-street"]
    keys = {test.key for test in compiled(contract, Reference())}
    assert not keys & {rule.key for rule in contract.rules if rule.kind in WHOLE_SUBMISSION}


def broken(find: str, replacement: str) -> str:
    text = (FOLDER / "agency-counts.odcs.yaml").read_text(encoding="utf-8")
    assert find in text
    return text.replace(find, replacement, 1)


@pytest.mark.parametrize(
    ("find", "replacement", "says"),
    [
        ("kind: DataContract", "kind: Something", "must be a DataContract"),
        ("apiVersion: v3.1.0", "apiVersion: v2.2.2", "version 3"),
        ("tags: [counts]", "surprise: 1", "not an Open Data Contract Standard file"),
        ("tags: [counts]", "tags: [counts", "not an Open Data Contract Standard file"),
        ("logicalType: integer", "logicalType: array", "has the type array"),
        ("month: month,", "month: moon,", "does not have: moon"),
        ("name: area_name", "name: area_code", "names a column twice"),
        ("severity: error", "severity: dire", "severity of error or warning"),
        ("engine: frankpledge", "engine: other", "a type we cannot check"),
        ('pattern: "^([EW](01|', 'pattern: "^(([EW](01|', "the pattern .* is wrong"),
        ('pattern: "^([EW](01|', 'pattern: "^(?=([EW](01|', "the pattern .* is wrong"),
    ],
)
def test_a_broken_contract_is_refused_with_a_sentence(find, replacement, says):
    text = broken(find, replacement)
    with pytest.raises(BadContract, match=says):
        parse(text, name="broken.yaml")


def test_a_rule_that_nobody_wrote_is_refused():
    contract = parse(broken("rule: sent-twice", "rule: made-up"), name="broken.yaml")
    with pytest.raises(BadContract, match="nobody knows the rule made-up"):
        compiled(contract, Reference())


def test_a_missing_contract_is_refused(tmp_path):
    with pytest.raises(BadContract, match="cannot be read"):
        load(tmp_path / "none.yaml")
