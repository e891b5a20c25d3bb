"""Tests of SQL column lineage."""
