"""The doors of those who have no account: the customer of a case, the party of a mediation, who holds a code of one of
our papers. A signed link that ends and can be revoked; each act is receipted by page and mail."""
