"""Negotiation, bargaining, diplomatic effort and reforms."""
