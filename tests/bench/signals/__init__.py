"""How well signals are found on data with planted truth, and how often nothing is called something."""
