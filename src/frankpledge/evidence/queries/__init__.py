"""Reads of the evidence room."""
