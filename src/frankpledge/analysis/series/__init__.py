"""Series over time: trends, emerging issues, breaks, late returns, uncertain times.

A series is one figure a period, oldest first, with None or NaN where a figure is missing. Missing
and incomplete periods never read as change.
"""
