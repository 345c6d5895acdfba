"""px-connector: the truth about response and experience, inside the PSA."""

__version__ = "0.1.0"
