"""Areas as published: recognised whatever their year, loaded as often as one likes."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from frankpledge.access.decisions import Refused
from frankpledge.access.models import AuditEntry
from frankpledge.core.areas import NotAreas, kind_of_code, read
from frankpledge.core.models import Area, AreaChange, AreaKind
from frankpledge.partnership.actions import load_areas
from tests.worlds import NOW

pytestmark = pytest.mark.django_db

LOOKUP = """LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,CHGIND,LAD22CD,LAD22NM,LAD22NMW,ObjectId
E01000001,Oak 001A,E01000001,Oak 001A,U,E07000901,Oak,,1
E01000002,Oak 001B,E01000003,Oak 001C,S,E07000901,Oak,,2
E01000002,Oak 001B,E01000004,Oak 001D,S,E07000901,Oak,,3
E01000005,Elm 001A,E01000005,Elm 001A,U,E07000902,Elm,,4
W01000001,Far 001A,W01000001,Far 001A,U,W06000001,Far,,5
"""
TIERS = """LTLA23CD,LTLA23NM,UTLA23CD,UTLA23NM
E07000901,Oak,E10000099,Woodshire
E07000902,Elm,E10000099,Woodshire
W06000001,Far,W06000001,Far
"""
WARDS = """WD24CD,WD24NM,LAD24CD,LAD24NM
E05000001,Old Ward,E07000901,Oak
E05000002,New Ward,E07000901,Oak Forest
"""
RESIDENTS = """date,geography,geography code,Residence type: Total; measures: Value
2021,Oak 001A,E01000001,1000
2021,Oak 001C,E01000003,600
2021,Oak 001D,E01000004,"1,400"
2021,Elm 001A,E01000005,900
"""


def _square(code: str, name: str, x: float = 0.5) -> dict:
    ring = [[x, 51.0], [x + 0.1, 51.0], [x + 0.1, 51.1], [x, 51.1], [x, 51.0]]
    return {
        "type": "Feature",
        "properties": {"WD22CD": code, "WD22NM": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture
def files(tmp_path: Path):
    def write(**contents: str) -> list[Path]:
        made = []
        for name, text in contents.items():
            path = tmp_path / name.replace("_", ".")
            path.write_text(text, encoding="utf-8-sig")
            made.append(path)
        return made

    return write


def _load(*paths: Path, within: tuple[str, ...] = ()) -> str:
    from io import StringIO

    out = StringIO()
    more = ["--within", *within] if within else []
    call_command("areas", "load", *map(str, paths), *more, stdout=out)
    return out.getvalue()


def test_the_official_columns_are_recognised(files):
    report = _load(*files(lookup_csv=LOOKUP, tiers_csv=TIERS, residents_csv=RESIDENTS))
    assert "Added 5 change codes." in report
    oak = Area.objects.get(code="E07000901")
    assert (oak.kind, oak.parent.name, oak.residents) == (AreaKind.DISTRICT, "Woodshire", 3000)
    assert Area.objects.get(code="E10000099").residents == 3900
    assert Area.objects.get(code="W06000001").kind == AreaKind.UNITARY
    split = AreaChange.objects.filter(before__code="E01000002")
    assert {change.after.code for change in split} == {"E01000003", "E01000004"}
    assert {change.kind for change in split} == {"S"}
    assert Area.objects.filter(code="E01000001").count() == 2
    before = Area.objects.get(code="E01000001", vintage=2011)
    assert (before.valid_to_vintage, before.parent) == (2011, oak)
    assert Area.objects.get(code="E01000001", vintage=2021).valid_to_vintage is None


def test_loading_again_changes_nothing(files):
    paths = files(lookup_csv=LOOKUP, tiers_csv=TIERS, residents_csv=RESIDENTS, wards_csv=WARDS)
    _load(*paths)
    before = list(Area.objects.values_list())
    report = _load(*paths)
    assert "Already as published" in report
    assert "Added" not in report
    assert "Updated" not in report
    assert list(Area.objects.values_list()) == before


def test_a_county_can_be_loaded_out_of_national_files(files):
    report = _load(*files(lookup_csv=LOOKUP, tiers_csv=TIERS), within=("woodshire",))
    assert not Area.objects.filter(code__startswith="W").exists()
    assert "Left out 3 " in report
    assert Area.objects.filter(kind=AreaKind.LSOA, vintage=2021).count() == 4


def test_residents_alone_come_to_the_areas_that_are_there(files):
    lookup, tiers, residents = files(lookup_csv=LOOKUP, tiers_csv=TIERS, residents_csv=RESIDENTS)
    _load(lookup, tiers)
    report = _load(residents, within=("E07000901",))
    assert "Updated: 3 lower layer" in report
    assert Area.objects.get(code="E01000003").residents == 600
    assert Area.objects.get(code="E01000005", vintage=2021).residents is None


def test_a_renamed_district_stays_one_area_of_several_generations(files):
    lookup, wards = files(lookup_csv=LOOKUP, wards_csv=WARDS)
    _load(lookup)
    _load(wards)
    oak = Area.objects.get(code="E07000901")
    assert (oak.name, oak.vintage, oak.valid_to_vintage) == ("Oak Forest", 2022, None)


def test_a_ward_left_out_of_the_newer_list_has_ended(files, tmp_path):
    older = tmp_path / "wards22.geojson"
    features = [_square("E05000001", "Old Ward"), _square("E05000009", "Gone Ward")]
    district = _square("E07000901", "Oak", 0.4)
    district["properties"] = {"LAD22CD": "E07000901", "LAD22NM": "Oak"}
    district["geometry"]["coordinates"][0] = [[0, 50], [2, 50], [2, 52], [0, 52], [0, 50]]
    older.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    outline = tmp_path / "lad22.geojson"
    outline.write_text(json.dumps({"type": "FeatureCollection", "features": [district]}))
    _load(outline, older)
    gone = Area.objects.get(code="E05000009")
    assert gone.parent.code == "E07000901", "It lies in the district"
    _load(*files(wards_csv=WARDS))
    gone.refresh_from_db()
    assert gone.valid_to_vintage == 2023
    kept = Area.objects.get(code="E05000001")
    assert (kept.vintage, kept.valid_to_vintage) == (2022, None)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.csv", "a,b\n1,2\n", "is not a file of areas"),
        ("x.csv", "LSOA21CD,total_households\nE01000001,7\n", "neither names nor residents"),
        ("x.csv", "LSOA21CD,total_residents\nE01000001,many\n", "row 2: “many” is not a number"),
        ("x.csv", "", "is not a file of areas"),
        ("x.csv", LOOKUP.replace(",S,", ",Q,"), "row 3: the change code is “Q”"),
        ("x.csv", "geography code,date\nE01000001,2021\n", "without a total of residents"),
        ("x.csv", "LSOA21CD,LSOA21NM\nX1,Y\n", "not one area"),
        ("x.json", '{"type": "Topology"}', "is Topology, not a GeoJSON"),
        ("x.json", '{"type": "FeatureCollection", "feat', "breaks off or is damaged"),
        (
            "x.json",
            '{"type": "FeatureCollection", "features": [{"properties": {"pfa20_code": "E2"}}]}',
            "boundaries of something else",
        ),
        (
            "x.json",
            json.dumps({"type": "FeatureCollection", "features": [_square("E05000001", "W", 5e5)]}),
            "is not in degrees",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(CommandError, match=says.replace("(", r"\(")):
        _load(path)
    assert not Area.objects.exists()
    assert not AuditEntry.objects.exists()


def test_other_wrong_paths_and_places_are_refused(tmp_path, files):
    with pytest.raises(CommandError, match="does not exist"):
        _load(tmp_path / "nothing.csv")
    with pytest.raises(CommandError, match=r"no \.csv or \.geojson"):
        _load(tmp_path)
    binary = tmp_path / "x.csv"
    binary.write_bytes(b"PAR1\xff\xfe\x00\x80")
    with pytest.raises(CommandError, match="not text in UTF-8"):
        _load(binary)
    binary.unlink()
    with pytest.raises(CommandError, match="No county, unitary or district is called Narnia"):
        _load(*files(lookup_csv=LOOKUP), within=("Narnia",))


def test_codes_tell_their_kind():
    known = {"E01000001": "lsoa", "E02000001": "msoa", "E05000001": "ward", "E06000035": "unitary"}
    assert {code: kind_of_code(code) for code in known} == known
    assert kind_of_code("E10000016") == AreaKind.COUNTY
    assert kind_of_code("E12000001") is None or kind_of_code("E12000001") == AreaKind.UNITARY
    assert kind_of_code("nonsense") is None


def test_only_those_who_may_load_areas(world, files):
    (lookup,) = files(lookup_csv=LOOKUP)
    with pytest.raises(Refused, match="Only the county team and administrators load areas"):
        load_areas(actor=world.actor("fire_partner"), paths=[lookup], now=NOW)
    load_areas(actor=world.actor("administrator"), paths=[lookup], now=NOW)
    assert "Loaded areas: " in AuditEntry.objects.get().text


def test_area_pages_walk_down_across_and_between_generations(world, as_):
    client = as_("public")
    assert "Woodshire" in client.get("/areas/").content.decode()
    county = client.get("/areas/E10000099/").content.decode()
    assert "District or borough, 2021" in county
    ash = client.get("/areas/E07000901/").content.decode()
    assert "Ash Community Safety Partnership" in ash
    assert "Ash District Council" in ash
    parts = client.get("/areas/E07000901/lsoa/?generation=2011").content.decode()
    assert "E01009901" in parts
    lsoa = client.get("/areas/E01009901/?generation=2011").content.decode()
    assert "Became" in lsoa
    assert "unchanged" in lsoa
    for wrong in ("/areas/E99/", "/areas/E07000901/county/", "/areas/E01009901/?generation=1999"):
        assert client.get(wrong).status_code == 404, wrong


@pytest.mark.data
def test_a_county_from_the_real_files_in_seconds(data_dir: Path):
    geo, population = data_dir / "geo", data_dir / "population"
    paths = [
        geo / "lookup_lsoa11_lsoa21_ltla22.csv",
        geo / "lookup_ltla23_utla23.csv",
        geo / "lookup_lsoa21_ward24_ltla24.csv",
        population / "census2021_usual_residents_lsoa21.csv",
        *sorted(geo.glob("kent_medway_*.geojson")),
    ]
    facts = read(paths)
    counties = {p.name: p for p in facts.places.values() if p.kind == AreaKind.COUNTY}
    assert len(counties) == 21
    began = time.monotonic()
    _load(*paths, within=("E10000016", "E06000035"))
    assert time.monotonic() - began < 60
    lsoas = Area.objects.filter(kind=AreaKind.LSOA)
    assert lsoas.filter(vintage=2011, outline__isnull=False).count() == 1065
    assert lsoas.filter(vintage=2021, outline__isnull=False, residents__gt=0).count() == 1107
    assert Area.objects.filter(kind=AreaKind.DISTRICT, parent__code="E10000016").count() == 12
    assert Area.objects.filter(kind=AreaKind.MSOA, parent__isnull=False).count() == 220
    assert AreaChange.objects.count() == 1108
    assert Area.objects.get(code="E10000016").residents == 1_575_969


@pytest.mark.data
@pytest.mark.parametrize(
    "name", ["ew_police_force_areas2020.geojson", "uk_geojson_2011/topo_lad.json"]
)
def test_real_files_of_something_else_are_refused(data_dir: Path, name: str):
    with pytest.raises(NotAreas):
        read([data_dir / "geo" / name])
