"""Reads of the agreement room."""
