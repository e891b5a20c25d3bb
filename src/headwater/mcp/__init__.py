"""Answers for agents: the gateway as read-only tools of the Model Context Protocol."""
