"""The AI gateway: one door for every AI call of the house."""
