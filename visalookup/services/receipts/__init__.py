"""Receipts: signed answers, with which an agency can prove what we answered.

A receipt is a member `receipt` of an answer: the time, the question as it was understood, and a detached signature
(JWS, RFC 7515, appendix F; Ed25519, RFC 9864). The signature covers the canonical form (RFC 8785) of the whole answer,
including `receipt` without the signature itself.
"""
