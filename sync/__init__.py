"""Replication: changes, envelopes, membership, the engine, transports and the relay server.

Knows nothing of Qt and nothing of issues and notes. See README.md for the formats.
"""
