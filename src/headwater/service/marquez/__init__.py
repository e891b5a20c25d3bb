"""Marquez's read routes, so that its clients keep working; `docs/reference/marquez.md` says how.

Events are taken where Marquez takes them, at `POST /api/v1/lineage`, which is ours as well.
"""
