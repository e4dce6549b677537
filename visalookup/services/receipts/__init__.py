"""Receipts: signed answers, with which an agency can prove what it was told.

A receipt is a member `receipt` of an answer: when it was given, the question as it was understood, and a detached
signature (JWS, RFC 7515, appendix F; Ed25519, RFC 9864). Signed is the whole answer, all of `receipt` but the
signature included, in the canonical form of RFC 8785.
"""
