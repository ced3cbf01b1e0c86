"""Who buys, what and under which terms: customers, contact points, plans, terms, subscriptions, disclosures."""
