from datetime import date

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.components.drawing import draw
from frankpledge.components.fields import (
    Checkboxes,
    Choice,
    Date,
    File,
    Money,
    Month,
    Number,
    Radios,
    Text,
    TextArea,
    Whole,
    pounds,
)
from frankpledge.components.forms import Form


def asked(field, **typed):
    """What one field named `it` makes of what was typed: its value, or its sentences."""

    class One(Form):
        it = field

    form = One(typed)
    return form.cleaned_data["it"] if form.is_valid() else list(form.errors["it"])


def on(day="", month="", year=""):
    return {"it-day": day, "it-month": month, "it-year": year}


@pytest.mark.parametrize(
    "typed",
    [
        on("27", "3", "2026"),
        on("027"[1:], "03", "2026"),
        on(" 27 ", "March", "2026"),
        on("27", "mar.", "2026"),
        on("27/3/2026"),
        on("27 March 2026"),
        on("2026-03-27"),
        {"it": "2026-03-27"},
    ],
)
def test_a_date_is_read_as_people_type_it(typed):
    assert asked(Date(label="Due date"), **typed) == date(2026, 3, 27)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (on(), "Enter due date"),
        ({}, "Enter due date"),
        (on("27"), "Due date must include a month and a year"),
        (on("", "3", "2026"), "Due date must include a day"),
        (on("32", "3", "2026"), "Due date must have a day between 1 and 31"),
        (on("27", "13", "2026"), "Due date must have a month between 1 and 12, or its name"),
        (on("27", "Ma", "2026"), "Due date must have a month between 1 and 12, or its name"),
        (on("27", "3", "26"), "Due date must have a year of 4 numbers"),
        (on("31", "2", "2026"), "Due date must be a real date"),
        (on("1", "1", "2019"), "Due date must be 1 January 2020 or later"),
        (on("\x00", "1", "2026"), "Due date must have a day between 1 and 31"),
        ({"it": "rubbish"}, "Due date must include a day and a month"),
    ],
)
def test_a_date_says_what_is_wrong(typed, sentence):
    assert asked(Date(label="Due date", earliest=date(2020, 1, 1)), **typed) == [sentence]


def test_only_the_wrong_box_is_marked():
    class One(Form):
        it = Date(label="Due date")

    view = One(on("27", "13", "2026")).drawn()[0]
    assert [box.wrong for box in view.boxes] == [False, True, False]
    assert view.first_id == "id_it-month"
    assert [box.value for box in view.boxes] == ["27", "13", "2026"]


def test_a_month_is_its_first_day():
    month = Month(label="Month")
    assert asked(month, **{"it-month": "jan", "it-year": "2026"}) == date(2026, 1, 1)
    assert asked(month, it="2026-01") == date(2026, 1, 1)


@given(text=st.text(max_size=12), month=st.text(max_size=12))
@settings(max_examples=60)
def test_no_text_breaks_a_date(text, month):
    assert isinstance(asked(Date(label="Due"), **on(text, month, "2026")), date | list)


@pytest.mark.parametrize(
    ("typed", "pence"),
    [("1250", 125000), ("£1,250.50", 125050), ("0.1", 10), (" £ 12 ", 1200), ("1,000,000", 10**8)],
)
def test_money_is_exact_pence(typed, pence):
    assert asked(Money(label="Cost"), it=typed) == pence


@pytest.mark.parametrize("typed", ["a lot", "1,25", "1.234", "-5", "1e3", "٣", "12.", "£"])
def test_money_that_is_not_clear_is_asked_again(typed):
    assert isinstance(asked(Money(label="Cost"), it=typed), list)


@given(st.integers(0, 99_999_999_999))
@settings(max_examples=60)
def test_money_shown_is_money_read(pence):
    field = Money(label="Cost")
    assert field.clean(pounds(pence)) == pence
    assert field.clean(field.prepare_value(pence)) == pence


def test_numbers():
    assert asked(Whole(label="People"), it="1,234") == 1234
    assert asked(Whole(label="People"), it="2.5") == ["People must be a whole number, like 120"]
    assert asked(Whole(label="People", min_value=1), it="0") == ["People must be 1 or more"]
    assert asked(Number(label="Rate"), it="x") == ["Rate must be a number, like 2.5"]


def test_text_has_its_own_sentences():
    assert asked(Text(label="CSP name"), it=" ") == ["Enter CSP name"]
    assert asked(TextArea(label="Reason", max_length=3), it="long") == [
        "Reason must be 3 characters or fewer"
    ]
    assert asked(Text(label="Title", missing="Say what will be done"), it="") == [
        "Say what will be done"
    ]


def test_a_question_is_answered():
    """“Enter why?” is no English."""
    assert asked(Text(label="Why?"), it="") == ["Answer “Why?”"]
    assert asked(Text(label="Why?", max_length=3), it="long") == [
        "The answer to “Why?” must be 3 characters or fewer"
    ]


def test_a_field_of_a_library_says_what_is_missing():
    class Theirs(forms.Form):
        password = forms.CharField(label="Password")

    assert draw(Theirs({})["password"]).errors == ["Enter password"]


def test_choices():
    kinds = [("a", "First"), ("b", "Second")]
    assert asked(Radios(label="Kind", choices=kinds), it="zzz") == ["Select kind"]
    assert asked(Checkboxes(label="Kind", choices=kinds), it=["b"]) == ["b"]


class Revealing(Form):
    kind = Radios(
        label="Kind",
        choices=[Choice("a", "First"), Choice("b", "Other", reveals=("which",))],
    )
    which = Text(label="Which")


def test_what_was_not_revealed_is_neither_asked_nor_kept():
    form = Revealing({"kind": "a", "which": "left over"})
    assert form.is_valid()
    assert form.cleaned_data == {"kind": "a", "which": None}
    assert [answer.label for answer in form.answers()] == ["Kind"]


def test_what_was_revealed_is_asked():
    form = Revealing({"kind": "b", "which": ""})
    assert form.faults() == [("Enter which", "#id_which")]
    assert [view.name for view in form.drawn()] == ["kind"]
    assert form.drawn()[0].options[1].revealed[0].errors == ["Enter which"]


def test_a_file_is_of_the_kind_and_size_asked_for():
    class Upload(Form):
        it = File(label="File", kinds=(".csv",), largest=1024 * 1024)

    def said(name, content):
        form = Upload({}, {"it": SimpleUploadedFile(name, content)})
        return list(form.errors.get("it", []))

    assert said("a.CSV", b"x") == []
    assert said("a.exe", b"x") == ["The selected file must be CSV"]
    assert said("a.csv", b"") == ["The selected file is empty. Choose another file."]
    assert said("a.csv", b"x" * 1024 * 1025) == ["The selected file must be 1 MB or smaller"]
    assert list(Upload({}, {}).errors["it"]) == ["Select file"]


def test_hostile_and_doubled_values_are_shown_escaped():
    class One(Form):
        title = Text(label="Title", max_length=5)

    form = One(QueryDict("title=a&title=%22%3E%3Cscript%3E"))
    page = str(form)
    assert "<script>" not in page
    assert "&quot;&gt;&lt;script&gt;" in page
