"""What was said, by whom and when: `project(entry, index)` turns one ledger entry into claims."""
