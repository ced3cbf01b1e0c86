"""Forms of the rulebook: is what was typed well-formed?"""
