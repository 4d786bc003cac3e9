"""Run folders: computed tile by tile, found again, read and verified."""
