"""casedesk: refund, cancellation and dispute cases, with the law, the contract and the record in one place."""
