"""The rulebook as its pages show it: the shelf of packs, one rule, a draft, a replay."""
