"""Who works here: people, teams, roles, sign-ins, the one table of permissions and the guard that reads it."""
