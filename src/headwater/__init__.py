"""Headwater: lineage and provenance for AI pipelines."""

__version__ = "0.1.0"

__all__ = ["__version__"]
