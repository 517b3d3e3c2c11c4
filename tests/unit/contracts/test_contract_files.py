import json
from datetime import date
from importlib.resources import files
from pathlib import Path

import jsonschema_rs
import polars as pl
import pytest
import yaml

from frankpledge.contracts import BadContract, load, shipped
from frankpledge.contracts.compiling import WHOLE_SUBMISSION, compiled
from frankpledge.contracts.model import parse
from frankpledge.contracts.reference import Reference

EVERYTHING = Reference(
    finest="district", today=date(2025, 1, 1), period=(date(2024, 10, 1), date(2024, 12, 31))
)
FOLDER = Path(__file__).parents[3] / "src" / "frankpledge" / "contracts" / "definitions"


PRESCRIBED = {
    "police-incidents", "police-crime", "fire-incidents", "road-collisions", "school-exclusions",
    "racial-incidents", "antisocial-environment", "health-admissions", "health-domestic-abuse",
    "ambulance-calls",
}  # fmt: skip
COUNTED = {
    "agency-counts", "vulnerability-counts", "treatment-counts", "mental-health-counts",
    "probation-counts", "youth-justice-counts", "health-attendances",
}  # fmt: skip
PUBLISHED = {"police-street", "police-outcomes", "police-stop-search"}


def test_the_contracts_that_are_shipped():
    assert set(shipped()) == PRESCRIBED | COUNTED | PUBLISHED | {"road-casualties"}
    assert load(FOLDER / "police-street.odcs.yaml") == shipped()["police-street"]


def test_the_police_contract_has_the_published_columns():
    assert shipped()["police-street"].headers == (
        "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location",
        "LSOA code", "LSOA name", "Crime type", "Last outcome category", "Context",
    )  # fmt: skip


@pytest.mark.parametrize("key", sorted(shipped()))
def test_every_rule_says_what_is_wrong_and_what_to_do(key):
    contract = shipped()[key]
    for rule in contract.rules:
        assert rule.message.endswith(".") and rule.remedy.endswith("."), rule.key
    for test in compiled(contract, EVERYTHING):
        assert test.message, test.key
        assert test.remedy, f"{test.key} of {test.columns} has no remedy"
    assert contract.known_faults and contract.limitations and contract.description
    assert all(each.description.endswith(".") for each in contract.fields)


@pytest.mark.parametrize("key", sorted(shipped()))
def test_what_a_contract_says_is_short(key):
    contract = shipped()[key]
    said = [contract.description, contract.limitations, *contract.known_faults]
    said += [each.description for each in contract.fields]
    said += [text for rule in contract.rules for text in (rule.message, rule.remedy)]
    said += [code.definition for each in contract.fields for code in each.codes]
    for text in said:
        for sentence in text.replace("? ", ". ").split(". "):
            assert len(sentence.split()) <= 25, sentence


@pytest.mark.parametrize("key", sorted(shipped()))
def test_every_contract_can_be_counted_by_area_month_and_category(key):
    contract = shipped()[key]
    assert contract.role("area") and contract.role("month") and contract.role("category")
    assert {"area", "month", "category"} < {*contract.roles, "month"}
    assert set(contract.roles.values()) <= set(contract.schema)


@pytest.mark.parametrize("key", sorted(shipped()))
def test_what_points_to_a_place_says_how_closely(key):
    contract = shipped()[key]
    for role, detail in (("longitude", {"point", "row"}), ("latitude", {"point", "row"})):
        if contract.role(role):
            assert contract.field(contract.role(role)).detail in detail
    if key not in {"police-street", "agency-counts"}:
        assert contract.field(contract.role("area")).detail


@pytest.mark.parametrize("key", sorted(PRESCRIBED))
def test_the_prescribed_returns_are_quarterly(key):
    assert shipped()[key].period == "quarter"


@pytest.mark.parametrize("key", ["health-admissions", "health-domestic-abuse"])
def test_health_is_no_finer_than_the_outward_postcode(key):
    contract = shipped()[key]
    assert contract.detail == "outward_postcode"
    assert {each.detail for each in contract.fields} <= {"", "row", "outward_postcode"}
    assert not contract.role("longitude") and not contract.role("identity")


@pytest.mark.parametrize("key", sorted(COUNTED))
def test_every_code_of_an_indicator_has_a_definition(key):
    for code in shipped()[key].field("indicator").codes:
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
        ("tags: [counts]", "tags: " + "[" * 100_000, "nests too deep"),
        ("logicalType: integer", "logicalType: array", "has the type array"),
        ("month: month,", "month: moon,", "does not have: moon"),
        ("name: area_name", "name: area_code", "names a column twice"),
        ("{month: month, area", "{area", "which column is the month, or the date"),
        ("{month: month, area", "{month: indicator, area", "must be a month"),
        ("format: yyyy-MM", "format: dd/MM/yyyy", "has the type date"),
        ("property: detail, value: district", "property: period, value: week", "covers a month"),
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


def test_a_sum_needs_its_parts():
    with pytest.raises(BadContract, match="needs a total, then its parts"):
        parse(broken("rule: sent-twice", "rule: adds-up"), name="broken.yaml")


def test_a_rule_that_nobody_wrote_is_refused():
    contract = parse(broken("rule: sent-twice", "rule: made-up"), name="broken.yaml")
    with pytest.raises(BadContract, match="nobody knows the rule made-up"):
        compiled(contract, Reference())


def test_a_missing_contract_is_refused(tmp_path):
    with pytest.raises(BadContract, match="cannot be read"):
        load(tmp_path / "none.yaml")


STANDARD = jsonschema_rs.validator_for(
    json.loads((files("open_data_contract_standard") / "schema.json").read_text(encoding="utf-8"))
)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.name)
def test_every_file_keeps_to_the_published_schema_of_the_standard(path):
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [str(each) for each in STANDARD.iter_errors(document)] == []
    assert path.name == f"{document['name']}.odcs.yaml"
    document["schema"][0]["properties"][0]["logicalType"] = "words"
    assert not STANDARD.is_valid(document)


def test_no_two_contracts_share_an_identifier():
    found = [
        yaml.safe_load(path.read_text(encoding="utf-8"))["id"] for path in FOLDER.glob("*.yaml")
    ]
    assert len(set(found)) == len(found)


def test_a_date_gives_the_month_of_a_row():
    contract = shipped()["fire-incidents"]
    assert contract.role("month") == "month" and contract.dated_by == "date"
    assert contract.schema["month"] == pl.String and contract.schema["date"] == pl.Date
    assert "month" not in contract.headers
    street = shipped()["police-street"]
    assert not street.month_is_made and street.dated_by == "month"
