"""Clocks on any subject: started, paused, kept or late; computed when they change, stored, swept."""
