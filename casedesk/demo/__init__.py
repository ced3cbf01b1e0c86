"""A year of a plausible business for trying the desk: climbing halls and online courses, from a seeded generator."""
