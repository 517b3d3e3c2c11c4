"""One place decides who may see and do what."""
