"""Is what was typed in a mediation well-formed? One form an act; `to_command` is what the action gets."""
