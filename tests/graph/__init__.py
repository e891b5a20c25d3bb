"""Laws and golden stories of resolution, and the naive oracle they are held to."""
