"""Reads of the sharing room."""
