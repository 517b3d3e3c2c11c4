"""An answer as files of other programs. Each is made of publishable tables alone."""
