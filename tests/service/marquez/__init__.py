"""Tests of Marquez's read routes."""
