"""What must hold of every connection at any time, as pure checks over plain rows.

The daemon's auditor asks them of a sample in production. A check that cries wolf is switched off by the first
operator it wakes, so each knows what may rightly be otherwise; and each says what to do.
"""
