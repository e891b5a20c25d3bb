"""The wire: OpenLineage events (core 2-0-2), their facets, and how they are admitted."""
