"""The small numbers that stand for devices, fields and records inside one project file."""

from __future__ import annotations

from app.store.database import Database


class Numbers:
    """Looks up and hands out numbers on one connection, with caches.

    The caches may hold numbers of a transaction that was rolled back, so ``forget`` must follow a rollback.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._devices: dict[bytes, int] = {}
        self._device_keys: dict[int, bytes] = {}
        self._fields: dict[tuple[str, str], int] = {}
        self._field_names: dict[int, tuple[str, str]] = {}
        self._records: dict[tuple[str, bytes], int] = {}

    def forget(self) -> None:
        """Drop all caches."""
        self._devices.clear()
        self._device_keys.clear()
        self._fields.clear()
        self._field_names.clear()
        self._records.clear()

    def device(self, key: bytes) -> int:
        """Number of a device key, made where it is new."""
        found = self._devices.get(key)
        if found is None:
            row = self._db.one("SELECT did FROM devices WHERE key = ?", (key,))
            if row is None:
                row = self._db.one("INSERT INTO devices (key) VALUES (?) RETURNING did", (key,))
            assert row is not None
            found = int(row[0])
            self._devices[key] = found
        return found

    def device_key(self, did: int) -> bytes:
        """The key of a device number."""
        found = self._device_keys.get(did)
        if found is None:
            row = self._db.one("SELECT key FROM devices WHERE did = ?", (did,))
            assert row is not None
            found = bytes(row[0])
            self._device_keys[did] = found
        return found

    def field(self, kind: str, name: str) -> int:
        """Number of a field, made where it is new."""
        found = self.known_field(kind, name)
        if found is None:
            row = self._db.one("INSERT INTO fields (kind, name) VALUES (?, ?) RETURNING fid", (kind, name))
            assert row is not None
            found = self._fields[kind, name] = int(row[0])
        return found

    def known_field(self, kind: str, name: str) -> int | None:
        """Number of a field that has been written before, else None."""
        found = self._fields.get((kind, name))
        if found is None:
            row = self._db.one("SELECT fid FROM fields WHERE kind = ? AND name = ?", (kind, name))
            if row is None:
                return None
            found = self._fields[kind, name] = int(row[0])
        return found

    def field_name(self, fid: int) -> tuple[str, str]:
        """(kind, name) of a field number."""
        found = self._field_names.get(fid)
        if found is None:
            row = self._db.one("SELECT kind, name FROM fields WHERE fid = ?", (fid,))
            assert row is not None
            found = self._field_names[fid] = (str(row[0]), str(row[1]))
        return found

    def record(self, kind: str, record: bytes, updated: int = 0) -> tuple[int, bool]:
        """(number, whether it is new) of a record; ``updated``: the change that a new one begins with."""
        found = self.known_record(kind, record)
        if found is not None:
            return found, False
        row = self._db.one(
            "INSERT INTO records (id, kind, updated) VALUES (?, ?, ?) RETURNING rid", (record, kind, updated)
        )
        assert row is not None
        found = self._records[kind, record] = int(row[0])
        return found, True

    def record_id(self, rid: int) -> tuple[str, bytes]:
        """(kind, id) of a record number."""
        row = self._db.one("SELECT kind, id FROM records WHERE rid = ?", (rid,))
        assert row is not None
        return str(row[0]), bytes(row[1])

    def known_record(self, kind: str, record: bytes) -> int | None:
        """Number of a record that has been written before, else None."""
        found = self._records.get((kind, record))
        if found is None:
            row = self._db.one("SELECT rid FROM records WHERE id = ? AND kind = ?", (record, kind))
            if row is None:
                return None
            if len(self._records) > 50_000:
                self._records.clear()
            found = self._records[kind, record] = int(row[0])
        return found
