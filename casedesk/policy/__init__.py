"""What does the law, and what does the contract, give at this moment, how much, until when, on which clause? Pure.

Facts go in (facts.py), a Verdict comes out (verdict.py). A pack (packs/, read by pack.py) is dated data
over the clause kinds (clauses/); evaluate.py judges one rule, or a whole case. Nothing of the law stands
in this room's Python: rules, articles, dates, amounts and places are records of a pack.
"""
