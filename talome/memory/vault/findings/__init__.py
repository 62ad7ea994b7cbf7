"""Contradictions and near duplicates that wait for a person."""
