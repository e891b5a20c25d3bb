"""Answers in the forms of other tools."""
