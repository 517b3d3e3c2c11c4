"""Frankpledge: the software that community safety partnerships run on."""
