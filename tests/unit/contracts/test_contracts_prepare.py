"""`frankpledge-prepare`: what leaves, what stays, and that nothing is ever overwritten."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frankpledge.contracts import Checking, read, shipped
from frankpledge.contracts.model import BadContract, parse
from frankpledge.contracts.prepare import plan
from frankpledge.contracts.prepare.coarsening import bands_of, to_area, to_band, to_square
from frankpledge.contracts.prepare.command import main
from frankpledge.contracts.prepare.keys import Key, WeakKey, key_of

ROOT = Path(__file__).resolve().parents[3]
FIRE = shipped()["fire-incidents"]
STOPS = shipped()["police-stop-search"]
NOW = datetime(2025, 7, 1, 9, 30, tzinfo=UTC)
HEADERS = "Reference,Date,Time,Category,Postcode,Easting,Northing,Surname,DOB"
GOOD = [
    "F/2025/0001,03/01/2025 14:05,14:05,malicious-call,CT10 2DE,639512,167890,Okafor,12/03/1980",
    "F/2025/0002,17/01/2025 02:10,02:10,malicious-call,ct9 1xx,635020,170777,Smith,01/01/1990",
    "F/2025/0001,28/02/2025 23:59,23:59,dwelling-no-alarm,ME14 1XQ,576111,155999,Okafor,12/03/1980",
]
SAID = ["--column", "Postcode=area_code"]


def run(tmp_path: Path, rows: list[str] = GOOD, *more: str, answer: str = "yes",
        headers: str = HEADERS, contract: str = "fire-incidents") -> int:  # fmt: skip
    sent = tmp_path / "Okafor export.csv"
    sent.write_text("\n".join([headers, *rows]) + "\n", encoding="utf-8")
    return main(
        [contract, str(sent), "--out", str(tmp_path / "out"),
         "--key-file", str(tmp_path / "my.key"), *more],
        ask=lambda _: answer, now=lambda: NOW,
    )  # fmt: skip


def left(tmp_path: Path) -> pl.DataFrame:
    (path,) = (tmp_path / "out").glob("*.csv")
    return pl.read_csv(path, infer_schema=False)


def test_what_leaves_is_agreed_coarse_and_pseudonymous(tmp_path, capsys):
    assert run(tmp_path, GOOD, *SAID) == 0
    frame = left(tmp_path)
    assert frame.columns == ["reference", "date", "time", "category", "area_code", "easting",
                             "northing"]  # fmt: skip
    assert frame["date"].to_list() == ["2025-01-03", "2025-01-17", "2025-02-28"]
    assert frame["area_code"].to_list() == ["CT10", "CT9", "ME14"]
    first, second, third = frame["reference"]
    assert first == third != second and len(first) == 64
    body = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    for secret in (b"F/2025", b"Okafor", b"Smith", b"1980", b"2DE", b"1XQ"):
        assert secret not in body
    said = capsys.readouterr().out
    assert "Surname: dropped (not in the contract; it looks like a person's name)" in said
    assert "Postcode → area_code: coarsened" in said and "A key was made" in said


def test_a_point_becomes_the_middle_of_its_square_where_asked(tmp_path):
    assert run(tmp_path, GOOD, *SAID, "--do", "easting=coarsen", "--do", "northing=coarsen") == 0
    assert left(tmp_path)["easting"].to_list() == ["639500", "635500", "576500"]
    assert left(tmp_path)["northing"].to_list() == ["167500", "170500", "155500"]


def test_the_county_takes_in_what_was_prepared(tmp_path):
    assert run(tmp_path, GOOD, *SAID) == 0
    (path,) = (tmp_path / "out").glob("*.csv")
    checking = Checking(FIRE)
    (part,) = read(path, FIRE)
    found = checking.add(part)
    assert (found.received, found.rejected, checking.stopped("x")) == (3, 0, None)


def test_the_receipt_says_what_was_done(tmp_path):
    assert run(tmp_path, GOOD, *SAID) == 0
    receipt = json.loads((tmp_path / "out/fire-incidents-2025-01_2025-02.receipt.json").read_text())
    data = (tmp_path / "out/fire-incidents-2025-01_2025-02.csv").read_bytes()
    assert receipt["output_sha256"] == hashlib.sha256(data).hexdigest()
    assert (
        receipt["input_sha256"]
        == hashlib.sha256((tmp_path / "Okafor export.csv").read_bytes()).hexdigest()
    )
    assert (receipt["rows_received"], receipt["rows_sent"], receipt["rows_held_back"]) == (3, 3, 0)
    assert receipt["made"] == "2025-07-01T09:30:00+00:00"
    key = key_of(tmp_path / "my.key", keep_out=tmp_path / "out")
    assert receipt["key_fingerprint"] == key.fingerprint
    assert key.secret.hex() not in json.dumps(receipt)
    done = {each["source"]: each["what"] for each in receipt["columns"]}
    assert done["Reference"] == "replaced" and done["DOB"] == "dropped"
    text = (tmp_path / "out/fire-incidents-2025-01_2025-02.receipt.txt").read_text()
    assert receipt["output_sha256"] in text and "Rows sent:        3" in text


def test_nothing_is_written_without_a_yes(tmp_path, capsys):
    assert run(tmp_path, GOOD, *SAID, answer="no") == 1
    assert not (tmp_path / "out").exists()
    assert "Nothing was written." in capsys.readouterr().out


def test_nothing_is_written_where_nobody_can_answer(tmp_path):
    def nobody(_: str) -> str:
        raise EOFError

    assert run(tmp_path, GOOD, *SAID, answer="") == 1
    arguments = ["fire-incidents", str(tmp_path / "Okafor export.csv"), *SAID,
                 "--out", str(tmp_path / "out"),
                 "--key-file", str(tmp_path / "my.key")]  # fmt: skip
    assert main(arguments, ask=nobody, now=lambda: NOW) == 1
    assert not (tmp_path / "out").exists()


def test_nothing_is_ever_overwritten(tmp_path, capsys):
    assert run(tmp_path, GOOD, *SAID, "--yes") == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert run(tmp_path, GOOD[:1] + GOOD[2:], *SAID, "--yes") == 2
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert "holds a file of this name already" in capsys.readouterr().err


def test_a_failure_half_way_leaves_nothing(tmp_path, monkeypatch):
    calls = []
    link = os.link

    def failing(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        link(source, target)

    monkeypatch.setattr(os, "link", failing)
    assert run(tmp_path, GOOD, *SAID, "--yes") == 2
    assert list((tmp_path / "out").iterdir()) == []


def test_rows_that_fail_the_contract_stay_behind_and_are_told(tmp_path, capsys):
    bad = GOOD[0].replace("malicious-call", "dragons")
    assert run(tmp_path, [*GOOD, bad], *SAID) == 1
    assert left(tmp_path).height == 3
    said = capsys.readouterr().out
    assert "Rows that stay behind, with why: 1" in said and "rows 5" in said
    assert "Okafor" not in said.replace("Okafor export", "")


def test_personal_data_that_is_left_stops_everything(tmp_path, capsys):
    headers = HEADERS + ",Location"
    rows = [f"{GOOD[0]},", f"{GOOD[1]},with Sarah Okafor at 12 High Street"]
    assert run(tmp_path, rows, *SAID, "--yes", headers=headers) == 2
    captured = capsys.readouterr()
    assert "so nothing may leave" in captured.err and "(row 3)" in captured.err
    assert "Sarah" not in captured.out + captured.err
    assert not (tmp_path / "out").exists()
    assert run(tmp_path, rows, *SAID, "--yes", "--do", "location=drop", headers=headers) == 0
    assert "location" not in left(tmp_path).columns


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--column", "Nowhere=area_code"], "The file has no column Nowhere"),
        (["--column", "Postcode=moon"], "The contract has no column moon"),
        (["--column", "Postcode"], "Write two names with = between them"),
        (["--do", "area_code=shred"], "Nobody knows the way shred"),
        (["--do", "moon=drop"], "has no column moon"),
        (["--do", "category=coarsen"], "cannot be made coarser"),
        (["--mapping", "none.json"], "is no column mapping"),
        (["--areas", "none.csv"], "cannot be read"),
    ],
)
def test_a_wrong_option_is_a_sentence(tmp_path, capsys, more, says):
    assert run(tmp_path, GOOD, *more) == 2
    err = capsys.readouterr().err
    assert says in err and "Traceback" not in err


@pytest.mark.parametrize(
    ("contract", "file", "says"),
    [
        ("none.odcs.yaml", "a.csv", "cannot be read"),
        ("fire-incidents", "none.csv", "cannot be found or opened"),
        ("fire-incidents", "picture.csv", "is a picture"),
        ("fire-incidents", "empty.csv", "is empty"),
    ],
)
def test_a_wrong_input_is_a_sentence(tmp_path, capsys, contract, file, says):
    (tmp_path / "a.csv").write_text("x\n1\n")
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG0000")
    (tmp_path / "empty.csv").write_bytes(b"")
    assert main([contract, str(tmp_path / file), "--out", str(tmp_path / "out"), "--yes",
                 "--key-file", str(tmp_path / "k")], now=lambda: NOW) == 2  # fmt: skip
    err = capsys.readouterr().err
    assert says in err and "Traceback" not in err


def test_parquet_and_a_contract_from_a_file(tmp_path):
    path = ROOT / "src/frankpledge/contracts/definitions/fire-incidents.odcs.yaml"
    assert run(tmp_path, GOOD, *SAID, "--format", "parquet", contract=str(path)) == 0
    assert pl.read_parquet(next((tmp_path / "out").glob("*.parquet"))).height == 3


def test_a_postcode_becomes_the_code_of_its_area_where_a_look_up_knows_it(tmp_path):
    lookup = tmp_path / "areas.csv"
    lookup.write_text("postcode,lsoa\nCT10 2DE,E01024678\n")
    assert run(tmp_path, GOOD, *SAID, "--areas", str(lookup)) == 0
    assert left(tmp_path)["area_code"].to_list() == ["E01024678", "CT9", "ME14"]


# The key


def test_a_key_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "a.key"
    made = key_of(path, keep_out=tmp_path / "out")
    again = key_of(path, keep_out=tmp_path / "out")
    assert made.is_new and not again.is_new and made.secret == again.secret
    assert path.stat().st_mode & 0o777 == 0o600
    assert made.secret.hex() not in repr(made)


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        ("00" * 32, 0o600, "is weak"),
        ("0123456789abcdef" * 2, 0o600, "is weak"),
        ("password", 0o600, "is no key"),
        (hashlib.sha256(b"x").hexdigest(), 0o644, "Others on this machine can read"),
    ],
)
def test_a_weak_key_is_refused(tmp_path, text, mode, says):
    path = tmp_path / "a.key"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(WeakKey, match=says):
        key_of(path, keep_out=tmp_path / "out")


def test_a_key_among_what_is_sent_is_refused(tmp_path):
    with pytest.raises(WeakKey, match="lies in the folder of what is sent"):
        key_of(tmp_path / "out" / "a.key", keep_out=tmp_path / "out")


REFERENCES = st.lists(
    st.text("ABCDEF0123456789/-", min_size=6, max_size=20).filter(lambda text: text.strip("-/")),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(references=REFERENCES)
def test_no_reference_leaves_and_what_belongs_together_stays_together(references, tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("prepare")
    rows = [f"R{each},2025-01-0{1 + at % 9},,malicious-call,CT{at},,"
            for at, each in enumerate(references)]  # fmt: skip
    headers = "Reference,Date,Time,Category,area_code,Easting,Northing"
    assert run(tmp_path, rows, "--yes", headers=headers) in (0, 1)
    body = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert not any(f"R{each}".encode() in body for each in references)
    frame = left(tmp_path)
    wanted = [f"R{each}" for each in references]
    if frame.height == len(wanted):
        for at, one in enumerate(wanted):
            for other_at, other in enumerate(wanted):
                same = frame["reference"][at] == frame["reference"][other_at]
                assert same == (one == other)


@given(st.binary(min_size=32, max_size=32), st.text(min_size=1), st.text(min_size=1))
def test_a_pseudonym_follows_from_the_key_and_the_reference_alone(secret, one, other):
    key = Key(secret)
    assert key.pseudonym(one) == Key(secret).pseudonym(one)
    assert (key.pseudonym(one) == key.pseudonym(other)) == (one.strip() == other.strip())
    assert key.pseudonym(one) != Key(bytes(32 * [7])).pseudonym(one) or secret == bytes(32 * [7])


# What is made coarser


def test_ages_and_dates_of_birth_become_bands():
    bands = bands_of(STOPS.field("age_range").codes)
    assert [code for _, _, code in bands] == ["under 10", "10-17", "18-24", "25-34", "over 34"]
    values = pl.Series("age", ["17", "12/03/1980", "2007-06-30", "2007-07-02", "18-24", None, "?"])
    on = pl.Series(["2025-07-01"] * 7)
    assert to_band(values, bands, on, day_first=True).to_list() == [
        "10-17", "over 34", "18-24", "10-17", "18-24", None, "?",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "sent"),
    [("CT10 2DE", "CT10"), ("sw1a2aa", "SW1A"), ("CT10", "CT10"), ("E01024678", "E01024678"),
     (None, None), ("Broadstairs", "Broadstairs")],
)  # fmt: skip
def test_only_a_full_postcode_is_cut(given, sent):
    assert to_area(pl.Series("a", [given], dtype=pl.String), {}).to_list() == [sent]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-5.5, 1.7), st.floats(50.1, 55.7)), min_size=1, max_size=20))
def test_a_point_moves_less_than_a_square_and_its_neighbours_go_to_the_same_place(points):
    x = pl.Series("x", [f"{each:.6f}" for each, _ in points])
    y = pl.Series("y", [f"{each:.6f}" for _, each in points])
    once = to_square(x, y, metres=False)
    for before, after in zip((*x, *y), (*once[0], *once[1]), strict=True):
        assert abs(float(before) - float(after)) < 0.013
    assert to_square(pl.Series(["x", None]), pl.Series(["1", "2"]), metres=True)[0].to_list() == [
        "x", None,
    ]  # fmt: skip


def test_a_contract_says_what_becomes_of_a_column():
    text = (ROOT / "src/frankpledge/contracts/definitions/fire-incidents.odcs.yaml").read_text()
    asked = "{property: mayBeAbsent, value: true}\n          - {property: prepare, value: drop}"
    contract = parse(text.replace("{property: mayBeAbsent, value: true}", asked, 1), name="x")
    assert plan(contract).ways["reference"] == "drop"
    assert plan(FIRE).ways["reference"] == "pseudonym"
    burnt = asked.replace("drop", "burn")
    with pytest.raises(BadContract, match="can be made ready by"):
        parse(text.replace("{property: mayBeAbsent, value: true}", burnt, 1), name="x")


# Where it runs


def test_it_needs_no_server_and_no_other_room():
    found = subprocess.run(
        [sys.executable, "-c",
         "import sys, frankpledge.contracts.prepare.command;"
         "print(*sorted({'.'.join(n.split('.')[:2]) for n in sys.modules"
         " if n.startswith('frankpledge.')} | {n for n in sys.modules if n == 'django'}))"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout.split() == ["frankpledge.contracts"]


def test_it_is_a_command_of_its_own():
    assert 'frankpledge-prepare = "frankpledge.contracts.prepare.command:main"' in (
        ROOT / "pyproject.toml"
    ).read_text(encoding="utf-8")
    helped = subprocess.run(
        [sys.executable, "-m", "frankpledge.contracts.prepare.command", "--help"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Exit code 0" in helped.stdout


@pytest.mark.data
def test_a_real_file_of_a_fire_brigade(data_dir: Path, tmp_path: Path):
    import gzip

    packed = data_dir / "fire" / "london_fire_brigade_incidents_2017-01_2017-04.csv.gz"
    sent = tmp_path / "fires.csv"
    sent.write_bytes(gzip.decompress(packed.read_bytes()))
    mapping = {
        "contract": "fire-incidents",
        "columns": [
            {"field": "reference", "headers": ["incident_number"]},
            {"field": "date", "headers": ["date_of_call"]},
            {"field": "time", "headers": ["time_of_call"], "form": "HH:mm:ss"},
            {"field": "category", "headers": ["stop_code_description"],
             "values": {"False alarm - Malicious": "malicious-call"}},
            {"field": "area_code", "headers": ["postcode_full"]},
            {"field": "easting", "headers": ["easting_m"]},
            {"field": "northing", "headers": ["northing_m"]},
        ],
        "kept": {"stop_code_description": ["False alarm - Malicious"]},
    }  # fmt: skip
    (tmp_path / "mapping.json").write_text(json.dumps(mapping))
    arguments = ["fire-incidents", str(sent), "--out", str(tmp_path / "out"), "--yes",
                 "--key-file", str(tmp_path / "k"), "--mapping", str(tmp_path / "mapping.json"),
                 "--do", "easting=coarsen", "--do", "northing=coarsen"]  # fmt: skip
    assert main(arguments, now=lambda: NOW) == 0
    frame = left(tmp_path)
    assert frame.height == 440
    assert frame["area_code"].drop_nulls().str.len_chars().max() <= 4
    assert set(frame["easting"].drop_nulls().str.tail(3)) == {"500"}
    original = pl.read_csv(sent, infer_schema=False)
    wanted = original.filter(pl.col("stop_code_description") == "False alarm - Malicious")
    body = (tmp_path / "out/fire-incidents-2017-01_2017-04.csv").read_text()
    assert not any(each in body for each in wanted["incident_number"])
    assert frame["reference"].n_unique() == wanted["incident_number"].n_unique()
