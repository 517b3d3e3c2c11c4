"""The example's fact tables: complete, consistent with the printed figures, and about posts."""

import re
from collections import Counter
from datetime import date

import polars as pl
import pytest

from frankpledge.assessment.enums import SectionKind
from frankpledge.assessment.rules import check_scores, roll_up
from frankpledge.contracts import Contract, shipped
from frankpledge.example.facts import FOLDER, read, table

PRINTED = (12, 12, 11, 11, 10, 9, 7, 7, 7, 5, 5, 4, 4, 3)
CSPS = {body["slug"] for body in read("bodies")["bodies"] if body["kind"] == "csp"}
ORGANISATIONS = {each["slug"] for each in read("organisations")["organisations"]}
POSTS = {each["key"] for each in read("bodies")["posts"]}
ISSUES = [each["key"] for each in read("issues")["issues"]]
WAYS = ("main", "theme", "part")


def named(issue: dict) -> list[str]:
    return [csp for way in WAYS for csp in issue[way]]


# --- Appendix A


def test_appendix_a_has_the_printed_counts_in_the_printed_order() -> None:
    issues = read("issues")["issues"]
    assert tuple(issue["count"] for issue in issues) == PRINTED
    assert sum(PRINTED) == read("issues")["total"] == 107
    assert len(issues) == 14


def test_the_assignment_gives_exactly_the_printed_counts() -> None:
    for issue in read("issues")["issues"]:
        assert len(named(issue)) == len(set(named(issue))) == issue["count"], issue["key"]
        assert set(named(issue)) <= CSPS
    assert "illustrative" in read("issues")["note"].lower()


def test_the_roll_up_rule_prints_appendix_a() -> None:
    issues = read("issues")["issues"]
    marks = [(csp, i["name"], way) for i in issues for way in WAYS for csp in i[way]]
    rows = roll_up([(i["name"], "", n) for n, i in enumerate(issues)], marks)
    assert [(row.issue, row.count) for row in rows] == [(i["name"], i["count"]) for i in issues]


def test_every_csp_names_something_as_a_main_priority() -> None:
    assert {csp for issue in read("issues")["issues"] for csp in issue["main"]} == CSPS
    assert len(CSPS) == 12


def test_every_issue_has_a_source_that_is_shipped_or_says_its_gap() -> None:
    found = read("issue_sources")["sources"]
    assert list(found) == ISSUES
    for issue, told in found.items():
        assert told["from"] or told["gap"], issue
        for each in told["from"]:
            contract = shipped()[each["contract"]]
            assert set(each.get("categories", [])) <= categories(contract), (issue, each)
        for sentence in told["gap"].split(". "):
            assert len(sentence.split()) <= 25, sentence


def categories(contract: Contract) -> set[str]:
    """Its code list or, where a publisher may add to it, the values known."""
    column = contract.role("category")
    listed = {code.value for code in contract.field(column).codes}
    for rule in contract.rules:
        if rule.fields == (column,):
            listed.update(rule.options.get("validValues", []))
    return listed


# --- the agreement's other figures


def test_priorities_themes_objectives_and_leads() -> None:
    facts = read("priorities")
    priorities = facts["priorities"]
    assert len(priorities) == 8
    assert [p["key"] for p in priorities if not p["scope"]] == [
        "domestic-abuse",
        "vawg",
        "road-safety",
    ]
    assert all(
        p["lead_text"] and {lead["post"] for lead in p["leads"]} <= POSTS for p in priorities
    )
    assert len(facts["themes"]) == 5
    first = facts["policing_plans"][0]
    assert [len(first[k]) for k in ("principles", "objectives", "commitments")] == [3, 7, 6]
    assert facts["crosswalk"]["illustrative"] is True


def test_crosswalk_and_history_speak_of_what_exists() -> None:
    facts = read("priorities")
    priorities = {p["key"] for p in facts["priorities"]}
    themes = {t["key"] for t in facts["themes"]}
    objectives = {o["key"] for o in facts["policing_plans"][0]["objectives"]}
    assert {pair["objective"] for pair in facts["crosswalk"]["pairs"]} == objectives
    for pair in facts["crosswalk"]["pairs"]:
        assert set(pair.get("priorities", [])) <= priorities
        assert set(pair.get("themes", [])) <= themes
    assert {h["subject"] for h in facts["history"]} <= priorities | themes
    assert {h["effective"].year for h in facts["history"]} == {2018, 2019, 2020, 2021, 2022}
    for issue, served in read("issues")["serves"].items():
        assert issue in ISSUES
        assert set(served.get("priorities", [])) <= priorities
        assert set(served.get("themes", [])) <= themes


def test_landscape_plans_horizon_ranking_and_achievements() -> None:
    landscape = read("landscape")["entries"]
    assert Counter(e["group"] for e in landscape) == {
        "national": 6,
        "legislation": 6,
        "partnership": 4,
    }
    assert [e["number"] for e in landscape] == [f"3.{n}" for n in range(1, 17)]
    assert len(read("plans")["plans"]) == 17
    headings = read("horizon")["headings"]
    assert [len(h["items"]) for h in headings] == [4, 7, 12, 3, 3, 10, 4]
    parts = Counter(item["part"] for h in headings for item in h["items"] if "part" in item)
    assert parts == {"recent": 6, "upcoming": 4}
    assert [len(column) for column in read("ranking")["columns"]] == [7, 7]
    achievements = {a["key"]: a for a in read("achievements")["achievements"]}
    assert len(achievements["projects"]["projects"]) == 7


def test_six_versions_each_april_with_notes_for_chapters_that_exist() -> None:
    versions = read("versions")["versions"]
    assert [v["effective"] for v in versions] == [date(y, 4, 1) for y in range(2017, 2023)]
    chapters = {c["key"] for c in read("agreement_2022")["chapters"]} | {"document", "logos"}
    assert len(chapters) == 17
    for version in versions:
        assert {change["chapter"] for change in version["changes"]} <= chapters
        assert all(change["note"] for change in version["changes"])


def test_the_agreement_is_numbered_without_gaps() -> None:
    for chapter in read("agreement_2022")["chapters"]:
        numbers = [p["number"] for p in chapter.get("paragraphs", []) if "number" in p]
        wanted = [f"{chapter['label']}.{n}" for n in range(1, len(numbers) + 1)]
        assert numbers == wanted


def test_bodies_organisations_and_successions() -> None:
    facts = read("organisations")
    assert len(facts["responsible_authorities_2022"]) == 6
    assert len(facts["drawn_up_for_2022"]) == 7
    days = {s["before"]: s["on"] for s in facts["successions"]}
    assert days == {
        "kss-crc": date(2021, 6, 26),
        "nhs-kent-and-medway-ccg": date(2022, 7, 1),
    }
    assert len(read("bodies")["named_groups_6_11"]) == 10


def test_references_between_tables_resolve() -> None:
    facts = read("bodies")
    bodies = {body["slug"] for body in facts["bodies"]}
    districts = set(table("areas_districts")["code"]) | set(table("areas_districts")["county_code"])
    for body in facts["bodies"]:
        assert set(body["areas"]) <= districts
        assert body.get("parent", "kcsp") in bodies
    assert {post["organisation"] for post in facts["posts"]} <= ORGANISATIONS
    for seat in facts["seats"]:
        assert seat["body"] in bodies
        assert seat["post"] in POSTS
    for office in facts["offices"]:
        assert office["body"] in bodies
        assert office["post"] in POSTS | {None}
    assert set(facts["named_groups_6_11"]) <= bodies
    assert {p["post"] for p in read("personas")["personas"]} <= POSTS | {None}
    owners = {p.get("owner") for p in read("plans")["plans"]} - {None}
    assert owners <= ORGANISATIONS
    laws = {law["key"] for law in read("legislation")["legislation"]}
    assert {key for e in read("landscape")["entries"] for key in e.get("legislation", [])} <= laws
    items = [item for h in read("horizon")["headings"] for item in h["items"]]
    assert {item["legislation"] for item in items if "legislation" in item} <= laws
    assert {item["issue"] for item in items if "issue" in item} <= set(ISSUES)


# --- the current cycle


def test_nine_districts_are_in_and_three_are_late() -> None:
    cycle = read("cycle_2025_26")
    states = Counter(each["state"] for each in cycle["assessments"])
    assert states["signed"] == 9
    assert sum(states.values()) == 12
    signed = {each["csp"] for each in cycle["assessments"] if each["state"] == "signed"}
    for issue in cycle["issues"]:
        assert len(set(named(issue))) == len(named(issue)) == issue["count"] <= 9
        assert set(named(issue)) <= signed
    assert [issue["key"] for issue in cycle["issues"]] == ISSUES
    assert set(cycle["scores"]) == signed
    assert cycle["made_up"] is True
    assert all(
        each.get("signed_on", cycle["today"]) <= cycle["today"] for each in cycle["assessments"]
    )


def test_the_tutorials_district_can_be_finished() -> None:
    cycle = read("cycle_2025_26")
    done, left = cycle["thanet"], cycle["thanet"]["to_finish"]
    kinds = {str(kind) for kind in SectionKind}
    assert set(done["sections"]) | set(left["sections"]) == kinds
    assert not set(done["sections"]) & set(left["sections"])
    assert set(done["marks"]) | set(left["marks"]) == set(ISSUES)
    assert set(cycle["section_texts"]) == kinds
    assert [s["key"] for s in read("cycle_2021_22")["sections"]] == [str(k) for k in SectionKind]


def test_every_score_is_a_level_of_the_shipped_grid() -> None:
    model = read("scoring")["models"][0]
    axes = [
        {"key": c["key"], "label": c["name"], "levels": c["levels"]}
        for section in model["sections"]
        for c in section["criteria"]
    ]
    cycle = read("cycle_2025_26")
    scored = [*cycle["scores"].values(), cycle["thanet"]["scores"]]
    scored.append(cycle["thanet"]["to_finish"]["scores"])
    for scores in scored:
        for impact, likelihood in scores.values():
            check_scores(axes, {"impact": impact, "likelihood": likelihood})
    assert model["grid"] == [[i * j for j in range(1, 5)] for i in range(1, 5)]
    products = {i * j for i in range(1, 5) for j in range(1, 5)}
    for product in products:
        assert sum(b["from"] <= product <= b["to"] for b in model["bands"]) == 1
    assert "morile" not in str(model).lower()


def test_one_organisation_has_signed_only_the_older_version() -> None:
    sharing = read("sharing")
    assert [v["number"] for v in sharing["versions"]] == ["3.0", "4.0"]
    assert sharing["signatures"]["4.0"]["except"] == ["kent-fire-and-rescue"]
    clauses = {clause["number"] for clause in sharing["clauses"]}
    datasets = {dataset["slug"] for dataset in sharing["datasets"]}
    for term in sharing["terms"]:
        assert term["clause"] in clauses
        assert term["dataset"] in datasets
        assert term["provider"] in ORGANISATIONS
    bases = {t["basis"] for t in sharing["terms"] if t["provider"] == "kent-fire-and-rescue"}
    assert bases == {"duty", "power"}
    returns = {each["key"]: each["basis"] for each in read("indicators")["returns"]}
    terms = {t["dataset"]: t["basis"] for t in sharing["terms"] if t["dataset"] != "police-street"}
    assert returns == terms


# --- posts, never people

TITLES = r"\b(Mr|Mrs|Ms|Miss|Dr|Sir|Dame|Lord|Lady|Cllr|Councillor|Inspector|Sergeant)\.?\s+[A-Z]"
RANKS = r"\b(Superintendent|Constable|Professor|Prof)\s+[A-Z][a-z]*\s+[A-Z]"
HONOURS = r"\b(OBE|MBE|CBE|KBE|DBE|QPM)\b"
TELEPHONE = r"\b0\d{2,4}[ -]?\d{3}[ -]?\d{3,4}\b"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_no_fact_names_a_person(path) -> None:
    text = path.read_text(encoding="utf-8")
    for pattern in (TITLES, RANKS, HONOURS, TELEPHONE):
        assert not re.search(pattern, text), (path.name, re.search(pattern, text))
    for address in re.findall(r"[\w.{}-]+@[\w.{}-]+\w", text):
        assert address.rstrip("}").endswith(".example"), address


@pytest.mark.parametrize(
    "line", ["Mr H Hall said", "Ms S Brown", "A Body OBE", "ring 03000 410 000", "Cllr Somebody"]
)
def test_the_guard_against_names_catches_one(line: str) -> None:
    assert any(re.search(p, line) for p in (TITLES, RANKS, HONOURS, TELEPHONE))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.*")), ids=lambda path: path.name)
def test_every_fact_table_says_where_it_is_from(path) -> None:
    if path.suffix in {".yaml", ".csv"}:
        assert path.read_text(encoding="utf-8").startswith("# ")


# --- areas


def test_areas_of_both_vintages() -> None:
    areas = table("areas_lsoa")
    assert areas.height == 1108
    assert areas["code_2011"].n_unique() == 1065
    assert areas["code_2021"].n_unique() == 1107
    assert dict(areas["change"].value_counts().iter_rows()) == {"U": 1028, "S": 78, "M": 2}
    renamed = areas.filter(pl.col("name_2011").str.starts_with("Shepway"))
    assert renamed.height == 67
    assert renamed["name_2021"].str.starts_with("Folkestone and Hythe").all()


def test_districts_add_up_to_the_small_areas() -> None:
    districts = table("areas_districts")
    assert Counter(districts["kind"]) == {"district": 12, "unitary": 1}
    assert districts["lsoas_2021"].sum() == 1107
    once = table("areas_lsoa").unique("code_2021")
    assert districts["residents_2021"].sum() == once["residents_2021"].sum()
    tiles = table("tiles")
    assert tiles.select("code", "name").equals(districts.select("code", "name"))
    assert tiles.select("column", "row").n_unique() == 13
    shared = districts.filter(pl.col("csp_code") == "E22000352")["name"].to_list()
    assert shared == ["Dartford", "Gravesham"]


@pytest.mark.data
def test_areas_agree_with_the_published_look_up(data_dir) -> None:
    published = pl.read_csv(
        data_dir / "geo" / "lookup_lsoa11_lsoa21_ltla22.csv", infer_schema=False
    )
    ours = table("areas_lsoa")
    joined = ours.join(
        published,
        left_on=["code_2011", "code_2021", "name_2011", "name_2021", "change", "district_code"],
        right_on=[
            "lsoa11_code",
            "lsoa21_code",
            "lsoa11_name",
            "lsoa21_name",
            "change_code",
            "ltla22_code",
        ],
    )
    assert joined.height == ours.height
    inside = published.filter(pl.col("ltla22_code").is_in(ours["district_code"].unique().implode()))
    assert inside.height == ours.height


@pytest.mark.data
def test_residents_agree_with_the_census_by_district(data_dir) -> None:
    census = pl.read_csv(data_dir / "population" / "age_gender21_ltla21_ew.csv")
    joined = table("areas_districts").join(census, left_on="code", right_on="ltla21_code")
    assert joined.height == 13
    off = (joined["residents_2021"] / joined["total_population"] - 1).abs()
    assert off.max() < 0.0005
