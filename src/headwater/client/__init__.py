"""A pipeline's own view of lineage: where its records go, and questions, embedded or by URL."""
