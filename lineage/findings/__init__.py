"""Findings of drift that are told by themselves: what each says, what was told of it, and whom to judge anew."""
