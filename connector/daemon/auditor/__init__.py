"""The auditor: re-checks in production, on a sample, what must hold of every connection at any time.

Apart from the turns, and from what they believe: it judges anew from stored facts and reads a ticket or two
from the PSA. It mends nothing by itself but has what looks wrong read and judged again.
"""
