"""The compiled index, held to the graph that it was compiled from."""
