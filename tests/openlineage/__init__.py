"""Tests of `headwater.openlineage`."""
