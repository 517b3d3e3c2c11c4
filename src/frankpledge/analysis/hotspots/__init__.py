"""Hotspots: whether places of high counts lie together more than chance would have them.

Values are one figure a place; NaN where a place has none or lies outside the footprint in which
events can happen. Many places mean many tests: p-values come raised (false discovery rate).
"""
