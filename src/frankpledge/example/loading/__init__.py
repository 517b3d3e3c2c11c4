"""Puts the fact tables into the database, room by room."""
