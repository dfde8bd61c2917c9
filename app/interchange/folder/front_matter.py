"""The front matter of a Markdown file: read as YAML, edited line by line.

A file is cut into lines, each of which is kept byte for byte unless the key that it belongs to gets another value.
Only keys at the outermost level are known, and only single values and flat lists of them are read; anything else
(maps, anchors, aliases, tags of YAML's own, what is no YAML) is no value, and stays as it stands. All values are
texts: nothing is taken for a date or a number that was not asked for as one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

import yaml

Value = str | tuple[str, ...] | None
"""A text, several, or nothing."""

MOST_BYTES: Final = 64 << 10
_MOST_ITEMS: Final = 1_000
_FENCE: Final = re.compile(r"---[ \t]*\r?\n")
_END: Final = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_QUOTED: Final = r"""(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|"""
_KEY: Final = re.compile(
    _QUOTED + r"""([^\s#\-?:'"\[\]{},&*!|>%@`][^:#\n]{0,200}?|[^\s]))\s{0,20}:(?=\s|$)"""
)
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_PLAIN: Final = re.compile(r"[^\W_][\w ./()+-]*", re.UNICODE)
_SPECIAL: Final = re.compile(
    r"(?:y|n|yes|no|on|off|null|~|[-+.0-9][-+.0-9_:eExXoOa-fA-F]*|\.inf|\.nan)", re.IGNORECASE
)
_COMMENT: Final = re.compile(r"(?<![ \t])[ \t]+#[^\n]*$")


@dataclass
class _Part:
    """The lines of one key, or lines before the first key (then the key is empty)."""

    key: str
    lines: list[str]


@dataclass
class FrontMatter:
    """The front matter of a file, and what stands before and behind it. ``body`` is the rest of the file."""

    body: str
    newline: str = "\n"
    _open: str = ""
    _parts: list[_Part] = field(default_factory=list)
    _close: str = ""

    @classmethod
    def split(cls, text: str) -> Self:
        """Cut a file's text. What only looks like front matter (it has no end, or is too long) is body."""
        newline = "\r\n" if "\r\n" in text[:4_000] and "\r\n" in text else "\n"
        mark = "\ufeff" if text.startswith("\ufeff") else ""
        begin = _FENCE.match(text, len(mark))
        if begin is None:
            return cls(text[len(mark) :], newline, mark)
        end = _END.search(text, begin.end(), begin.end() + MOST_BYTES)
        if end is None:
            return cls(text[len(mark) :], newline, mark)
        inner = text[begin.end() : end.start()]
        return cls(
            text[end.end() :], newline, text[: begin.end()], _cut(inner), text[end.start() : end.end()]
        )

    def text(self) -> str:
        """The whole file again."""
        return (
            self._open
            + "".join(line for part in self._parts for line in part.lines)
            + self._close
            + self.body
        )

    @property
    def keys(self) -> list[str]:
        """The keys, as they stand."""
        return [part.key for part in self._parts if part.key]

    def has(self, key: str) -> bool:
        """Whether a key is there."""
        return self._find(key) is not None

    def get(self, key: str) -> Value:
        """The value of a key; None where there is none, or one that is no text and no flat list."""
        part = self._find(key)
        return None if part is None else _value("".join(part.lines))

    def is_opaque(self, key: str) -> bool:
        """Whether a key has something behind it that is no text and no flat list."""
        part = self._find(key)
        if part is None or self.get(key) is not None:
            return False
        bare = [line.strip() for line in part.lines if line.strip() and not line.lstrip().startswith("#")]
        last = bare[0].rpartition(":")[2].strip() if bare else ""
        return len(bare) > 1 or last not in ("", "~", "null", '""', "''", "[]")

    def lines_of(self, key: str) -> list[str]:
        """The lines of a key; none where it is not there."""
        part = self._find(key)
        return [] if part is None else list(part.lines)

    def put_lines(self, key: str, lines: Sequence[str]) -> None:
        """Put the lines of a key in place of those that are there; none take it out."""
        part = self._find(key)
        if part is not None and lines:
            part.lines = list(lines)
        elif part is not None:
            self._parts.remove(part)
        elif lines:
            self._parts.append(_Part(key, list(lines)))

    def set(self, key: str, value: Value) -> None:
        """Give a key a value, in the way in which its value is written; nothing takes the key out."""
        part = self._find(key)
        if not value and not isinstance(value, str):
            if part is not None:
                # What stands behind the value and belongs to nobody stays.
                kept = [line for line in part.lines[1:] if not line.strip() or line.startswith("#")]
                part.key, part.lines = "", kept
            return
        if part is None:
            if not self._close:
                self._open += f"---{self.newline}"
                self._close = f"---{self.newline}"
            self._parts.append(_Part(key, self._fresh(_written_key(key), value)))
        elif value != _value("".join(part.lines)):
            part.lines = self._changed(part.lines, value)

    def _find(self, key: str) -> _Part | None:
        return next((part for part in self._parts if part.key == key), None)

    def _fresh(self, head: str, value: Value) -> list[str]:
        if isinstance(value, str):
            return [f"{head}: {written(value)}{self.newline}"]
        assert value is not None
        return [f"{head}:{self.newline}", *(f"  - {written(each)}{self.newline}" for each in value)]

    def _changed(self, lines: list[str], value: Value) -> list[str]:
        """The lines of a key with another value: its quotes, comment, brackets and indents stay."""
        match = _KEY.match(lines[0])
        assert match is not None
        head, rest = lines[0][: match.end()], lines[0][match.end() :]
        kept = [line for line in lines[1:] if not line.strip() or line.lstrip().startswith("#")]
        comment, ending = _comment(rest), "\r\n" if rest.endswith("\r\n") else "\n"
        bare = rest.rstrip("\r\n")[: len(rest.rstrip("\r\n")) - len(comment)].strip()
        if isinstance(value, str):
            return [f"{head} {written(value, bare[:1])}{comment}{ending}", *kept]
        assert value is not None
        if bare.startswith("["):
            return [
                f"{head} [{', '.join(written(each, flow=True) for each in value)}]{comment}{ending}",
                *kept,
            ]
        if bare or len(lines) == 1:
            return [*self._fresh(head.rstrip()[:-1], value), *kept]
        return [lines[0], *self._listed(lines[1:], value, ending)]

    def _listed(self, lines: list[str], value: Sequence[str], ending: str) -> list[str]:
        """The lines of a list with other members: those of members that stay are left as they are."""
        standing: dict[str, list[str]] = {}
        indent, last, loose = "  ", "", []
        for line in lines:
            stripped = line.lstrip()
            if stripped.startswith("- "):
                indent = line[: len(line) - len(stripped)]
                found = _value(f"x: {stripped[2:]}")
                last = found if isinstance(found, str) else ""
                standing.setdefault(last, []).append(line)
            elif stripped.rstrip() and not stripped.startswith("#") and last in standing:
                standing[last].append(line)
            else:
                loose.append(line)
        found_lines: list[str] = []
        for each in value:
            found_lines.extend(standing.pop(each, [f"{indent}- {written(each)}{ending}"]))
        return found_lines + loose


def _cut(inner: str) -> list[_Part]:
    parts: list[_Part] = []
    for line in _LINE.findall(inner):
        match = None if line[:1] in " \t-#" else _KEY.match(line)
        if match is not None:
            quoted, single, plain = match.groups()
            key = (
                _unescaped(quoted) if quoted is not None else (single or "").replace("''", "'") or plain or ""
            )
            parts.append(_Part(key.strip(), [line]))
        elif parts:
            parts[-1].lines.append(line)
        else:
            parts.append(_Part("", [line]))
    return parts


def _unescaped(inner: str) -> str:
    found = _value(f'x: "{inner}"')
    return found if isinstance(found, str) else inner


def _comment(rest: str) -> str:
    """The comment behind a value in one line, with the space before it."""
    line = rest.rstrip("\r\n")
    bare = line.lstrip()
    if bare.startswith(('"', "'")):
        closing = bare.rfind(bare[0])
        found = _COMMENT.search(bare, closing) if closing else None
    else:
        found = _COMMENT.search(line)
    return "" if found is None else found.group()


def _value(text: str) -> Value:
    """The value in the lines of one key. No alias is followed and no object is made."""
    head, _, rest = text.partition(":")
    simple = rest.strip()
    if "\n" not in text.rstrip("\r\n") and not head.startswith(('"', "'")) and _PLAIN.fullmatch(simple):
        return simple
    try:
        return _read(text)
    except (yaml.YAMLError, ValueError):  # a mistake of whoever wrote it: his text stays as it is
        return None


def _read(text: str) -> Value:
    items: list[str] | None = None
    scalars: list[str] = []
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            return None
        if isinstance(event, yaml.MappingStartEvent):
            depth += 1
            if depth > 1:
                return None
        elif isinstance(event, yaml.SequenceStartEvent):
            if items is not None:
                return None
            items = []
        elif isinstance(event, yaml.ScalarEvent):
            value = str(event.value)
            if items is not None:
                items.append(value)
            else:
                scalars.append("" if event.implicit[0] and value.lower() in ("null", "~") else value)
            if len(scalars) > 2 or len(items or ()) > _MOST_ITEMS:
                return None
    if items is not None:
        return tuple(items) if len(scalars) == 1 else None
    return (scalars[1] or None) if len(scalars) == 2 else None


def written(text: str, quote: str = "", *, flow: bool = False) -> str:
    """A text as YAML: plain where every program reads it back as this text, else in quotes."""
    plain = (
        _PLAIN.fullmatch(text)
        and text == text.strip()
        and not (_SPECIAL.fullmatch(text) and not _is_figure(text))
    )
    if plain and quote not in ("'", '"') and not (flow and "," in text):
        return text
    printable = all(each.isprintable() for each in text)
    if quote == "'" and printable:
        return "'" + text.replace("'", "''") + "'"
    escaped = "".join(_escaped(each) for each in text)
    return f'"{escaped}"'


def _is_figure(text: str) -> bool:
    """Whether a text is a number or a date, which other programs may well take for one."""
    return text[:1].isdigit()


def _escaped(each: str) -> str:
    if each in '"\\':
        return f"\\{each}"
    if each.isprintable():
        return each
    named = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(each)
    code = ord(each)
    return named or (
        f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )


def _written_key(key: str) -> str:
    return key if _PLAIN.fullmatch(key) and not _SPECIAL.fullmatch(key) else written(key, '"')
