"""Reads of the assessment room."""

from frankpledge.assessment.queries.roll_up import RollUp, cycle_roll_up

__all__ = ["RollUp", "cycle_roll_up"]
