"""Turns observations into alert states, states into notices, and notices into messages that arrive."""
