"""The key room: the profile's directory, its vault, and the slots that open the vault.

See README.md here for the files on disk and for what a thief of the laptop gets.
"""
