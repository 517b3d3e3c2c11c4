import sqlite3

import pytest
from django.db import IntegrityError
from django.http import QueryDict
from django.template import engines

from frankpledge.components import constraints
from frankpledge.components.fields import Date, Email, Look, Money, Once, Text
from frankpledge.components.forms import Form, Group
from frankpledge.components.specimens import EveryField
from tests.browser import assert_valid_html


class Small(Form):
    title = Text(label="Title")
    due = Date(label="Due date")
    cost = Money(label="Cost", required=False)


GOOD = "title=Light&due-day=27&due-month=3&due-year=2026&cost=12"


def test_a_form_goes_from_asking_to_checking_to_confirmed():
    assert Small().stage == "ask"
    assert Small(QueryDict("title=")).stage == "ask"
    assert Small(QueryDict(GOOD)).stage == "check"
    assert Small(QueryDict(GOOD + "&_change=due")).stage == "ask"
    assert Small(QueryDict(GOOD + "&_confirmed=yes")).stage == "confirmed"
    assert Small(QueryDict("title=&_confirmed=yes")).stage == "ask"


def test_answers_read_as_people_wrote_them_and_travel_whole():
    form = Small(QueryDict(GOOD + "&csrfmiddlewaretoken=x&other=y"))
    assert form.stage == "check"
    assert [a.text for a in form.answers()] == ["Light", "27 March 2026", "£12"]
    carried = dict(form.carried())
    assert set(carried) == {"title", "due-day", "due-month", "due-year", "cost"}
    assert Small(carried).is_valid()


def test_every_fault_leads_to_its_field():
    form = EveryField({})
    page = "<!DOCTYPE html><html lang=en><title>x</title><body>" + str(form)
    assert_valid_html(page)
    assert len(form.faults()) > 5
    for _sentence, address in form.faults():
        assert f'id="{address[1:]}"' in page


def test_groups_hold_their_fields_in_order():
    class Grouped(Form):
        groups = (Group("Money", ("cost",)),)
        cost = Money(label="Cost")
        title = Text(label="Title")

    found = [(g.legend if g else "", [v.name for v in views]) for g, views in Grouped().sections()]
    assert found == [("", ["title"]), ("Money", ["cost"])]


def test_the_label_may_be_the_heading_of_the_page():
    class One(Form):
        reason = Text(label="Why?", look=Look(heading=True))

    assert One().asks_one_thing
    assert "<h1" in str(One())
    assert not Small().asks_one_thing


def test_each_form_carries_an_identity_of_its_own():
    class Making(Form):
        once = Once()

    first, second = Making(), Making()
    assert first["once"].value() != second["once"].value()
    assert str(first["once"].value()) in str(first)


def test_email_and_autocomplete():
    class One(Form):
        email = Email(label="Email")

    page = str(One())
    assert 'type="email"' in page
    assert 'autocomplete="email"' in page


class UnableToAdd(Exception):
    pass


def test_a_refusal_of_a_rule_becomes_a_fault_of_the_form():
    form = Small(QueryDict(GOOD))
    assert form.is_valid()
    with form.saving(UnableToAdd):
        raise UnableToAdd("The assessment is signed already.")
    assert form.faults() == [("The assessment is signed already.", "")]


@pytest.fixture
def known():
    constraints.register("action_title_given", "Give the action a title.", field="title")
    yield
    constraints._SENTENCES.pop("action_title_given")


def test_a_broken_constraint_becomes_a_sentence_at_its_field(known):
    form = Small(QueryDict(GOOD))
    assert form.is_valid()
    with form.saving():
        raise IntegrityError("CHECK constraint failed: action_title_given")
    assert form.faults() == [("Give the action a title.", "#id_title")]


def test_postgres_names_the_constraint_itself(known):
    class Diagnosis(Exception):
        class diag:
            constraint_name = "action_title_given"

    error = IntegrityError("duplicate key")
    error.__cause__ = Diagnosis()
    assert constraints.explain(error).text == "Give the action a title."


def test_sqlite_names_only_the_columns_of_a_unique_constraint():
    from django.apps import apps
    from django.db.models import UniqueConstraint

    model, unique = next(
        (m, c)
        for m in apps.get_models()
        for c in m._meta.constraints
        if isinstance(c, UniqueConstraint) and c.fields
    )
    names = [model._meta.get_field(field).column for field in unique.fields]
    columns = ", ".join(f"{model._meta.db_table}.{name}" for name in names)
    constraints.register(unique.name, "It is there already.")
    try:
        found = constraints.explain(IntegrityError(f"UNIQUE constraint failed: {columns}"))
        assert found is not None
    finally:
        constraints._SENTENCES.pop(unique.name)


def test_an_unknown_constraint_is_not_hidden():
    form = Small(QueryDict(GOOD))
    assert form.is_valid()
    with pytest.raises(IntegrityError), form.saving():
        raise IntegrityError("UNIQUE constraint failed: nothing.here") from sqlite3.Error()


def test_a_refused_act_says_why_beside_it():
    template = engines["django"].from_string(
        '{% load components %}{% act no "Sign" "/x/" post=True about="it" %}'
        '{% act True "Sign" "/x/" post=True %}'
    )

    class No:
        allowed = False
        reason = "Only the chair signs."

    page = template.render({"no": No()})
    assert page.count("<form") == 1
    assert 'aria-disabled="true" aria-describedby="reason-Sign-it"' in page
    assert "Only the chair signs." in page
