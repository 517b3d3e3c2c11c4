"""Where points lie: density, concentration, repeats nearby, and whether a map would have helped.

Coordinates are metres on one plane, such as the British National Grid. Published points are snapped
to map points: `snapped_share` says how many, and what needs true places refuses them.
"""
