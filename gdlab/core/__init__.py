"""The batched core: every lane from its starting point to its verdict, on plain arrays."""
