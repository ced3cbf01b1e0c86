"""Paying out what was decided: intents with a stable key, the provider's answer, the ledger's entry."""
