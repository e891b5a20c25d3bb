"""The one gateway for answers."""
