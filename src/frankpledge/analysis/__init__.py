"""The statistics: counts, rates, comparisons, limits, sentences and disclosure control.

Pure Python on numpy, scipy and Ibis: nothing here knows the web application, so all of it works in
a notebook. `disclosure` is the only maker of a table that may leave.
"""
