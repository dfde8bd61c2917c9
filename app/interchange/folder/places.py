"""Which record a name in a link means, and by which name a record is linked.

A note or an issue is linked by the name of its file, as other programs do, with the folders before it where two files
have the same name. A link also finds a title and, in front matter, an alias. What names in one file stood for when it
was last written or read is asked first, so that a link stays what it was when something gets another name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import quote, unquote

from app.interchange.folder.names import below_of, folded, folder_of, is_markdown, relative, resolved, stem_of
from app.interchange.folder.state import FileRow


@dataclass
class Places:
    """Notes, issues and attachments by the paths of their files, titles and aliases."""

    titles: Mapping[bytes, str]
    """Of every note and issue."""
    _paths: dict[bytes, str] = field(default_factory=dict)
    _files: dict[str, bytes] = field(default_factory=dict)
    _by_name: dict[str, set[bytes]] = field(default_factory=dict)
    _aliases: dict[str, bytes] = field(default_factory=dict)

    def put(self, record: bytes, row: FileRow) -> None:
        """Tell where the file of a record lies."""
        self.move(record, row.path)
        for alias in row.aliases:
            self._aliases.setdefault(folded(alias.strip()), record)

    def move(self, record: bytes, path: str) -> None:
        """Tell that the file of a record lies elsewhere now."""
        if self._paths.get(record) == path:
            return
        self.drop(record)
        self._paths[record] = path
        self._files[folded(path)] = record
        self._by_name.setdefault(_name(path), set()).add(record)

    def drop(self, record: bytes) -> None:
        """Tell that a record has no file any more."""
        old = self._paths.pop(record, None)
        if old is not None:
            if self._files.get(folded(old)) == record:
                del self._files[folded(old)]
            self._by_name[_name(old)].discard(record)

    def path(self, record: bytes) -> str | None:
        """Where the file of a record lies."""
        return self._paths.get(record)

    def at(self, path: str) -> bytes | None:
        """The record whose file lies at a path."""
        return self._files.get(folded(path))

    @cached_property
    def _by_title(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for record, title in self.titles.items():
            found.setdefault(folded(title.strip()), record)
        return found

    def find(self, name: str, folder: str) -> bytes | None:
        """The note or issue that a name in a link means, in a file of a folder."""
        name = name.strip()
        wanted = name[:-3] if is_markdown(name) else name
        if "/" in wanted:
            for start in (folder, ""):
                path = resolved(start, wanted.lstrip("/") if not start else wanted)
                found = None if path is None else self.at(f"{path}.md") or self.at(f"{path}/")
                if found is not None:
                    return found
        return (
            self._nearest(wanted, folder)
            or self._by_title.get(folded(name))
            or self._aliases.get(folded(name))
        )

    def _nearest(self, name: str, folder: str) -> bytes | None:
        """Of the files of a name the one in this folder, else the one that lies the least deep."""
        found = self._by_name.get(folded(name), ())
        return min(
            found,
            key=lambda record: (
                folder_of(self._paths[record]) != folder,
                self._paths[record].count("/"),
                self._paths[record],
            ),
            default=None,
        )

    def name(self, record: bytes) -> str | None:
        """The name by which a record is linked: None where it has no file."""
        path = self._paths.get(record)
        if path is None:
            return None
        name = stem_of(path.rstrip("/"))
        if len(self._by_name.get(folded(name), ())) < 2:
            return name
        return below_of(path)

    def image(self, address: str, folder: str) -> bytes | None:
        """The attachment that the address of an image names, in a file of a folder."""
        path = self.image_path(address, folder, self._files)
        return None if path is None else self._files[folded(path)]

    @staticmethod
    def image_path(address: str, folder: str, known: Mapping[str, object]) -> str | None:
        """The path of an image among those that are known, by ``folded``: beside the file, or from the outermost."""
        for text in (address, unquote(address)):
            for start in (folder, ""):
                path = resolved(start, text)
                if path is not None and folded(path) in known and not is_markdown(path):
                    return path
        return None

    def image_named(self, name: str, folder: str) -> bytes | None:
        """The attachment that a name without folders means, as other programs find it: anywhere."""
        found = self._nearest(name.rpartition("/")[2], folder)
        return None if found is None or self._is_text(found) else found

    def _is_text(self, record: bytes) -> bool:
        path = self._paths[record]
        return is_markdown(path) or path.endswith("/")

    def address(self, attachment: bytes, folder: str) -> str | None:
        """The address of an attachment's file in a file of a folder."""
        path = self._paths.get(attachment)
        return None if path is None else quote(relative(folder, path), safe="/!$&'*+,;=:@~")


def _name(path: str) -> str:
    return folded(stem_of(path.rstrip("/")))


@dataclass
class Names:
    """What the names in one file stand for. ``used`` is filled with what was asked and found."""

    places: Places
    folder: str
    links: Mapping[str, bytes] = field(default_factory=dict)
    """What they stood for when the file was last written or read."""
    stale: frozenset[str] = frozenset()
    """Names that are read as if they led nowhere, so that they are written anew."""
    used: dict[str, bytes] = field(default_factory=dict)
    people: Callable[[bytes], str | None] = lambda person: None

    def person(self, person: bytes) -> str | None:
        """The name of a person, for those who read the file."""
        return self.people(person)

    def record(self, title: str) -> bytes | None:
        """The record that a title in ``[[ ]]`` means."""
        if title in self.stale:
            return None
        known = self.links.get(title) or self.places.find(title, self.folder)
        if known is not None:
            self.used[title] = known
        return known

    def attachment(self, path: str) -> bytes | None:
        """The attachment that the address of an image means."""
        key = f"!{path}"
        if key in self.stale:
            return None
        known = (
            self.links.get(key)
            or self.places.image(path, self.folder)
            or self.places.image_named(path, self.folder)
        )
        if known is not None:
            self.used[key] = known
        return known

    def title(self, record: bytes) -> str | None:
        """The name by which a record is written in ``[[ ]]``."""
        name = self.places.name(record)
        if name is not None:
            self.used[name] = record
        return name

    def path(self, attachment: bytes) -> str | None:
        """The address by which an attachment is written."""
        address = self.places.address(attachment, self.folder)
        if address is not None:
            self.used[f"!{address}"] = attachment
        return address


def stale_links(links: Mapping[str, bytes], places: Places, folder: str) -> frozenset[str]:
    """The names in a file by which their records are not found any more, though those have a file."""

    def is_stale(name: str, record: bytes) -> bool:
        if places.path(record) is None:
            return False
        if name.startswith("!"):
            found = places.image(name[1:], folder) or places.image_named(name[1:], folder)
        else:
            found = places.find(name, folder)
        return found != record

    return frozenset(name for name, record in links.items() if is_stale(name, record))


def titled(columns: Iterable[Mapping[bytes, object]]) -> dict[bytes, str]:
    """The titles of several columns together."""
    return {record: text for column in columns for record, text in column.items() if isinstance(text, str)}
