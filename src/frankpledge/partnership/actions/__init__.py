"""What people do in the partnership room."""

from frankpledge.partnership.actions.areas import load_areas
from frankpledge.partnership.actions.records import (
    create_body,
    create_legislation,
    create_linked_plan,
    create_organisation,
    create_post,
    edit_body,
    edit_legislation,
    edit_linked_plan,
    edit_organisation,
    edit_post,
    succeed,
)
from frankpledge.partnership.actions.seats import (
    begin_holding,
    begin_office,
    begin_seat,
    end_holding,
    end_office,
    end_seat,
)

__all__ = [
    "begin_holding",
    "begin_office",
    "begin_seat",
    "create_body",
    "create_legislation",
    "create_linked_plan",
    "create_organisation",
    "create_post",
    "edit_body",
    "edit_legislation",
    "edit_linked_plan",
    "edit_organisation",
    "edit_post",
    "end_holding",
    "end_office",
    "end_seat",
    "load_areas",
    "succeed",
]
