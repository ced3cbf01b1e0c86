"""The mediator's file: admissibility, notification, statements, proposals, agreement or opinion, and the year's figures.

What is said here stays here: entries of subject `mediation` have a chain of their own, and the case learns the state,
the outcome and how it is carried out. Sealed notes and the parties' door stand on these models and actions.
"""
