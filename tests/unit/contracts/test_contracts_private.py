"""Signs of a person: every planted one is found, and places and codes are left alone."""

import random
from itertools import cycle
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.contracts import Checking, check, read, shipped
from frankpledge.contracts.private import KINDS, SIGNS, find, look, told_by
from tests.street_files import HEADERS, csv_of, row

STREET = shipped()["police-street"]
STREETS = ["High Street", "Mill Lane", "Albert Road", "St George's Close", "Sir John Moore Avenue"]
REMARKS = [
    "Group of 6 youths near the bus stop at 21:30 on 12/03/2025, moved on.",
    "Third report this week; see log 2025-0412 and photo 3.",
    "Window broken at rear of premises. 2 males ran towards Victoria Park.",
    "On or near King George Road. Called in at 0830, closed 14.02.2025.",
    "Fly-tip of 12 tyres in CT10; M2 J5 slip road; £1,200 to clear.",
    "Referred to Will Adams centre? No: to the Harmony ward team. Class A found.",
]


def nhs(rng: random.Random) -> str:
    while True:
        nine = [rng.choice([4, 6, 7, 9]), *(rng.randrange(10) for _ in range(8))]
        check_digit = 11 - sum(digit * (10 - at) for at, digit in enumerate(nine)) % 11
        if check_digit != 10:
            return "".join(map(str, [*nine, check_digit % 11]))


def card(rng: random.Random) -> str:
    digits = [rng.choice([4, 5]), *(rng.randrange(10) for _ in range(14))]
    total = sum(
        sum(divmod(each * 2, 10)) if at % 2 == 0 else each for at, each in enumerate(digits)
    )
    return "".join(map(str, [*digits, -total % 10]))


def some(kind: str, rng: random.Random, style: int) -> str:
    """One identifier of a kind, written in one of several ways."""

    def letters(number: int, among: str = "ABCDEFGHJLNPRSTUVWXY") -> str:
        return "".join(rng.choice(among) for _ in range(number))

    def digits(number: int) -> str:
        return "".join(str(rng.randrange(10)) for _ in range(number))

    match kind:
        case "postcode":
            area = rng.choice(["CT10", "ME4", "TN23", "SW1A", "E1", "M1", "DA1"])
            inward = f"{rng.randrange(10)}{letters(2, 'ABDEFGHJLNPQRSTUWXYZ')}"
            code = f"{area}{['', ' '][style % 2]}{inward}"
            return code.lower() if style % 5 == 4 else code
        case "name":
            first = rng.choice(["Sarah", "Mohammed", "Agnieszka", "Gary", "Priya", "Siobhan"])
            last = rng.choice(["Okafor", "Smith", "O'Brien", "Kowalska", "Featherstone", "Patel"])
            known = rng.choice(["Smith", "Patel", "Jones", "Taylor"])
            ways = [f"{first} {last}", f"Mr {last}", f"Mrs. {last}", f"Dr {known}",
                    f"{first.upper()} {last.upper()}", f"{first.lower()} {known.lower()}",
                    f"{known}, {first}", f"{first} J. {last}", f"J. {known}",
                    f"name is {first}"]  # fmt: skip
            return ways[style % len(ways)]
        case "date-of-birth":
            day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1940, 2009)
            ways = [f"DOB {day:02}/{month:02}/{year}", f"born {day} March {year}",
                    f"D.O.B. {year}-{month:02}-{day:02}", f"date of birth: {day}.{month}.{year}",
                    f"born on the {day}th of May {year}",
                    f"dob - {day}/{month}/{year % 100:02}"]  # fmt: skip
            return ways[style % len(ways)]
        case "nhs-number":
            number = nhs(rng)
            return [number, f"{number[:3]} {number[3:6]} {number[6:]}",
                    f"{number[:3]}-{number[3:6]}-{number[6:]}"][style % 3]  # fmt: skip
        case "national-insurance":
            two, six, end = letters(2, "ABCEGHJLMPRSTWXY"), digits(6), letters(1, "ABCD")
            if two in ("BG", "GB"):
                two = "AB"
            whole = f"{two}{six}{end}"
            return [whole, f"{two} {six[:2]} {six[2:4]} {six[4:]} {end}", whole.lower()][style % 3]
        case "e-mail":
            at = ["example.org", "mail.example.co.uk"][style % 2]
            return f"{letters(5).lower()}.{digits(2)}@{at}"
        case "telephone":
            ways = [f"07{digits(9)}", f"07{digits(3)} {digits(6)}", f"01632 {digits(6)}",
                    f"+44 7{digits(3)} {digits(6)}", f"020 7946 {digits(4)}",
                    f"(01632) {digits(6)}", f"+44(0)20 7946 {digits(4)}", f"0161-496-{digits(4)}",
                    f"00447{digits(9)}", f"07{digits(3)}-{digits(3)}-{digits(3)}"]  # fmt: skip
            return ways[style % len(ways)]
        case "vehicle":
            ways = [f"{letters(2)}{digits(2)} {letters(3)}", f"{letters(2)}{digits(2)}{letters(3)}",
                    f"K{digits(3)}{letters(3)}", f"{letters(3)}{digits(3)}T",
                    f"reg {letters(2)}{digits(2)} {letters(3)}".lower(),
                    f"VRM K{digits(3)} {letters(3)}"]  # fmt: skip
            return ways[style % len(ways)]
        case "bank":
            number = card(rng)
            grouped = " ".join(number[at : at + 4] for at in range(0, 16, 4))
            ways = [number, grouped, grouped.replace(" ", "-"), f"account no {digits(8)}",
                    f"sort code {digits(2)}-{digits(2)}-{digits(2)}",
                    f"12-34-56 {digits(8)}",
                    f"GB29 NWBK {digits(4)} {digits(4)} {digits(4)} {digits(2)}"]  # fmt: skip
            return ways[style % len(ways)]
        case _:
            street = rng.choice(["High Street", "Rose Lane", "Old Mill Road", "Church Walk"])
            ways = [f"{rng.randint(1, 300)} {street}", f"{rng.randint(1, 99)}a {street}",
                    f"Flat 2, {rng.randint(1, 99)} {street}", f"{rng.randint(1, 99)}, {street}",
                    f"{rng.randint(1, 99)} high street"]  # fmt: skip
            return ways[style % len(ways)]


SENTENCES = cycle(
    [
        "Caller gave {}.",
        "{} was written on the form",
        "Seen again ({}) at 21:30 near the station",
        "moved on, see {}, no further action",
        "At the scene: {}",
    ]
)
TOLD = {
    "name": ("Surname", "Okafor"), "date-of-birth": ("DOB", "1984-02-17"),
    "nhs-number": ("NHS No", "9000000009"), "telephone": ("Contact number", "555 0123"),
    "vehicle": ("Reg No", "B16 OSS"), "bank": ("Account number", "00112233"),
    "address": ("Address line 1", "Rose Cottage"), "e-mail": ("E-mail", "someone@localhost"),
    "national-insurance": ("NI number", "AB123456"), "postcode": ("Home postcode", "CT10 2DE"),
}  # fmt: skip


def realistic(rows: int) -> pl.DataFrame:
    rng = random.Random(4)
    table = [
        {
            "Reference": f"KP/{at:05}/25", "Month": "2025-03",
            "Location": f"On or near {rng.choice(STREETS)}",
            "Area": rng.choice(["E01023987", "E05004943", "CT10"]),
            "Ward": rng.choice(["Margate Central", "St Mary's"]),
            "Category": "Vehicle crime", "Remarks": rng.choice(REMARKS),
            "Longitude": f"{rng.random():.10f}",
        }
        for at in range(rows)
    ]  # fmt: skip
    return pl.DataFrame(table)


def planted() -> tuple[pl.DataFrame, dict[tuple[int, str], str]]:
    """Twenty of each kind: in sentences, alone in a column, and under a header that tells."""
    rng = random.Random(1998)
    frame = realistic(1000)
    columns = {name: frame[name].to_list() for name in frame.columns}
    for header, _ in TOLD.values():
        columns[header] = [None] * frame.height
    places = iter(rng.sample(range(frame.height), 200))
    plants: dict[tuple[int, str], str] = {}
    for kind in SIGNS:
        for style in range(20):
            at, what = next(places), some(kind, rng, style)
            if style < 12:
                columns["Remarks"][at] = next(SENTENCES).format(what)
            elif style < 17:
                column = rng.choice(["Reference", "Location", "Ward", "Category"])
                columns[column][at] = what
            else:
                header, what = TOLD[kind]
                columns[header][at] = what
            plants[at + 2, kind] = what
    return pl.DataFrame(columns), plants


def test_two_hundred_planted_identifiers_of_ten_kinds_are_all_found():
    frame, plants = planted()
    assert len(plants) == 200 and len(KINDS) == len(SIGNS) == 10
    hits = look(frame)
    seen = set(zip(hits["row"], hits["kind"], strict=True))
    assert {where: what for where, what in plants.items() if where not in seen} == {}
    assert {row for row, _ in seen} == {row for row, _ in plants}


def test_what_is_found_is_never_repeated():
    frame, plants = planted()
    found = find(frame)
    said = {each.row: each.sentence for each in found}
    for (row_number, _), what in plants.items():
        assert what not in said[row_number]
    assert all(
        each.sentence.endswith("characters).") and each.remedy.endswith(".") for each in found
    )
    (one,) = find(pl.DataFrame({"Remarks": ["ask jo.bloggs@example.org"]}))
    assert one.sentence == "Row 2, Remarks: there is an e-mail address, j… (21 characters)."


def test_realistic_rows_have_nothing_to_find():
    assert look(realistic(3000)).is_empty()


@pytest.mark.parametrize(
    "text",
    [
        "On or near High Street", "On or near John Street", "On or near William Gibbs Court",
        "On or near Sir Thomas Longley Road", "On or near George Park", "On or near Lady Shaw",
        "St John Fisher School", "Victoria Station", "Margate Central", "Alexandra Corniche",
        "M25 J5", "A299 and A28", "Junction 4 Castle Road", "2 men on High Street", "CT10 and CT11",
        "SEEN IN CT10 AND CT11", "01-02-2025 12:30", "01.02.2025 12:30", "51.0712345678",
        "033152-19032017", "004472-11012017", "0000000000", "4111 1111 1111 1112", "name unknown",
        "Road name: High Street", "a pub called The Crown", "Dr Martens", "30 mph road", "X85-Y09",
        "Under investigation", "Ashford 001B", "12 March Road", "in May Street 3 cars",
        "GB 12 34 56 A", "2022010419171",
    ],
)  # fmt: skip
def test_places_roads_and_codes_are_left_alone(text):
    assert find(pl.DataFrame({"Remarks": [text]})) == ()


DISGUISED = {
    "postcode": ["ME14\u200b1XX", "M\u200bE1\u00ad4 1XX", "ME14\u20091XX", "ME14\t1XX",
                 "ME14    1XX", "ＭＥ１４ １ＸＸ", "МЕ14 1ХХ", "𝐌𝐄𝟏𝟒 𝟏𝐗𝐗", "\u202eME14 1XX\u202c"],
    "nhs-number": ["９４３４７６５９１９", "943\u200b476\u200b5919", "943–476–5919", "٩٤٣٤٧٦٥٩١٩",
                   "943.476.5919"],
    "national-insurance": ["AB\u00a012\u00a034\u00a056\u00a0C", "AB/12/34/56/C"],
    "e-mail": ["jo＠example.org", "jo (at) example dot org", "jo AT example dot co dot uk"],
    "telephone": ["０７７００ ９００１２３", "07700\u00a0900123"],
    "bank": ["4111\u200b1111\u200b1111\u200b1111"], "date-of-birth": ["D\u200bОB 12/03/1980"],
    "vehicle": ["AB12\u00a0CDE"], "name": ["Ｍｒ Ｓｍｉｔｈ"], "address": ["12\tHigh\tStreet"],
}  # fmt: skip


def test_an_identifier_is_found_through_its_disguise():
    cases = [(kind, f"Seen: {text}.") for kind, texts in DISGUISED.items() for text in texts]
    found = look(pl.DataFrame({"Remarks": [text for _, text in cases]}))
    hits = set(found.select("row", "kind").iter_rows())
    missed = [text for at, (kind, text) in enumerate(cases, 2) if (at, kind) not in hits]
    assert missed == [] and set(DISGUISED) == set(KINDS)
    rows = [row(at) | {"Context": text} for at, (_, text) in enumerate(cases)]
    checked = check(pl.DataFrame(rows), STREET)
    assert checked.stored == 0 and set(checked.faults["value"]) == {"(not shown)"}


def test_unusual_letters_and_spaces_alone_are_no_disguise():
    texts = [
        "Café on  Mill’s Lane – closed", "Siân’s Well", "Улица", "meet @ Ashford. Then",
        "½ mile  on", "parked at Polka dot shop", "Room\u00a012\tat 21:30", "see 12.34.56.78",
    ]  # fmt: skip
    assert find(pl.DataFrame({"Remarks": texts})) == ()
    rows = [row(at) | {"Context": text} for at, text in enumerate(texts)]
    assert check(pl.DataFrame(rows), STREET).rejected == 0


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Surname", "name"), ("victim_name", "name"), ("FirstName", "name"), ("Name", "name"),
        ("DOB", "date-of-birth"), ("Date of Birth", "date-of-birth"), ("NHS No", "nhs-number"),
        ("NI Number", "national-insurance"), ("NINO", "national-insurance"), ("E-mail", "e-mail"),
        ("Mobile", "telephone"), ("Tel No", "telephone"), ("VRM", "vehicle"), ("Sort code", "bank"),
        ("Address line 1", "address"), ("House number", "address"),
        ("LSOA name", ""), ("Ward name", ""), ("Reference", ""), ("Number", ""), ("Date", ""),
        ("Street name", ""), ("Area name", ""), ("Age band", ""), ("no", ""),
    ],
)  # fmt: skip
def test_the_name_of_a_column_tells(header, kind):
    assert told_by(header) == kind


def test_references_that_pass_the_check_digit_by_chance_are_references():
    rng = random.Random(3)
    references = [str(rng.randrange(10**9, 10**10)) for _ in range(500)]
    assert look(pl.DataFrame({"Reference": references})).is_empty()
    real = [nhs(rng) for _ in range(500)]
    assert look(pl.DataFrame({"Reference": real})).height == 500


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(sorted(SIGNS)), st.integers(0, 9), st.integers(0, 10**6),
    st.sampled_from(["", "seen; ", "Note: ", "at 9pm, "]),
    st.sampled_from(["", ".", ", again", " (2)"]),
)  # fmt: skip
def test_an_identifier_is_found_whatever_stands_around_it(kind, style, seed, before, after):
    what = some(kind, random.Random(seed), style)
    frame = pl.DataFrame({"Remarks": [f"{before}{what}{after}"]})
    assert kind in look(frame)["kind"].to_list(), frame["Remarks"][0]


def test_a_return_that_points_to_a_person_is_stopped_and_says_where():
    checking = Checking(STREET)
    (part,) = read(
        csv_of(row(1), row(2, Context="seen with Sarah Okafor"), row(3, Location="AB12 CDE"),
               row(4, Context="ring 01632 960123")),
        STREET, name="march.csv",
    )  # fmt: skip
    found = checking.add(part)
    assert found.rejected == 3
    assert set(found.faults["rule"]) == {"personal-data", "telephone-number"}
    stopped = checking.stopped("march.csv")
    assert stopped is not None
    assert "march.csv points to persons, so nothing of it was kept." in stopped.sentence
    assert "(row 3)" in stopped.sentence and "Okafor" not in str(stopped)
    assert "960123" not in str(stopped) and "AB12" not in str(stopped)


def test_a_return_without_persons_is_not_stopped():
    checking = Checking(STREET)
    (part,) = read(csv_of(row(1), row(2)), STREET)
    assert checking.add(part).rejected == 0
    assert checking.stopped("x.csv") is None


def test_every_column_is_searched_whatever_its_type():
    for header in HEADERS:
        frame = pl.DataFrame([row(1) | {header: "ask jo@example.org"}])
        assert "personal-data" in [*check(frame, STREET).faults["rule"], *(
            ["personal-data"] if "e-mail-address" in check(frame, STREET).faults["rule"] else []
        )], header  # fmt: skip


@pytest.mark.data
def test_no_false_alarm_on_half_a_million_real_rows(data_dir: Path):
    rows = alarms = 0
    for path in sorted((data_dir / "police").glob("kent-street-*.zip")):
        checking = Checking(STREET)
        for part in read(path, STREET):
            rows += part.table.frame.height
            alarms += look(part.table.frame).height
            assert checking.add(part).rejected == 0
        assert checking.stopped(path.name) is None
    assert (rows, alarms) == (544_050, 0)
