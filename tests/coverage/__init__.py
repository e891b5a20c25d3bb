"""Tests of what tells how much capture sees."""
