"""What can be done to a rich text, as one list: tool bar, slash menu, keys and the page of shortcuts are made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

from app.desktop.commands import key_text
from app.desktop.editor.editing import Editing, Rule, run_rule
from app.desktop.translate import tr
from app.richtext import formats
from app.richtext.delta import Attributes
from app.richtext.editing import duplicate_lines, insert_divider, move_lines
from app.richtext.formatting import (
    clear_formats,
    indent,
    make_plain,
    toggle_checked,
    toggle_format,
    toggle_line,
)


class Group(StrEnum):
    """What a command is about."""

    LETTERS = "letters"
    LINES = "lines"
    INSERT = "insert"
    MOVING = "moving"
    TOOLS = "tools"


class Tools(Protocol):
    """What commands ask of the tools that stand beside an editor."""

    def edit_link(self) -> None: ...

    def open_link(self) -> None: ...

    def find(self) -> None: ...

    def find_next(self, by: int) -> None: ...

    def replace(self) -> None: ...

    def show_toolbar(self) -> None: ...


@dataclass(frozen=True, slots=True)
class EditorCommand:
    """Something to be done to a text.

    ``words`` are further words by which it is found, ``sign`` is what one types instead, ``is_on`` says for the
    formats at the selection whether it is in use. ``reads`` is one that changes nothing. What ``act`` does instead
    of a ``rule`` is more than an edit.
    """

    name: str
    title: str
    group: Group
    keys: tuple[str, ...] = ()
    icon: str = ""
    words: str = ""
    sign: str = ""
    is_on: Callable[[Attributes], bool] | None = None
    reads: bool = False
    rule: Rule | None = None
    act: Callable[[Editing, Tools], None] | None = None

    def run(self, editor: Editing, tools: Tools) -> None:
        """Do it with what is selected."""
        if self.rule is not None:
            run_rule(editor, self.rule)
        if self.act is not None:
            self.act(editor, tools)

    @property
    def key_text(self) -> str:
        """The key as it is printed in hints; empty where it has none."""
        return key_text(self.keys[0]) if self.keys else ""


def toggle_letters(editor: Editing, name: str, value: Any = True) -> None:
    """Set an inline format over the selection, or for what is typed next; or take it away."""
    start, stop = editor.selection()
    if start < stop:
        run_rule(editor, partial(toggle_format, name=name, value=value))
    elif not editor.isReadOnly():
        on = editor.formats().get(name) in (None, False)
        editor.set_typing({name: value if on else None})


def _letters(
    name: str, title: str, format_: str, key: str, icon: str, words: str, value: Any = True
) -> EditorCommand:
    return EditorCommand(
        name,
        title,
        Group.LETTERS,
        (key,),
        icon,
        words,
        is_on=lambda given: given.get(format_) not in (None, False),
        act=lambda editor, _tools: toggle_letters(editor, format_, value),
    )


def _line(
    name: str, title: str, format_: str, value: Any, key: str, icon: str, words: str, sign: str
) -> EditorCommand:
    states = (formats.CHECKED, formats.UNCHECKED) if value == formats.UNCHECKED else (value,)
    code = format_ == formats.CODE_BLOCK
    return EditorCommand(
        name,
        title,
        Group.LINES,
        (key,) if key else (),
        icon,
        words,
        sign,
        is_on=lambda given: bool(given.get(format_)) if code else given.get(format_) in states,
        rule=partial(toggle_line, name=format_, value=value),
    )


def editor_commands() -> list[EditorCommand]:
    """Every command, in the order in which they are offered."""
    return [*_letter_commands(), *_line_commands(), *_moving_commands(), *_tool_commands()]


def _letter_commands() -> Iterable[EditorCommand]:
    highlight = formats.HIGHLIGHT_COLOR
    yield _letters("bold", tr("Bold"), formats.BOLD, "Ctrl+B", "text-bolder", tr("strong"))
    yield _letters("italic", tr("Italic"), formats.ITALIC, "Ctrl+I", "text-italic", tr("emphasis"))
    yield _letters("underline", tr("Underline"), formats.UNDERLINE, "Ctrl+U", "text-underline", "")
    yield _letters(
        "strike", tr("Strike through"), formats.STRIKE, "Ctrl+Shift+X", "text-strikethrough", tr("delete")
    )
    yield _letters("code", tr("Code"), formats.CODE, "Ctrl+E", "code", tr("monospace"))
    yield _letters(
        "highlight", tr("Highlight"), formats.HIGHLIGHT, "Ctrl+Shift+H", "highlighter-circle",
        tr("marker"), highlight,
    )  # fmt: skip
    yield EditorCommand(
        "link", tr("Link"), Group.LETTERS, ("Ctrl+L",), "link", tr("address web"),
        is_on=lambda given: bool(given.get(formats.LINK)), act=lambda _editor, tools: tools.edit_link(),
    )  # fmt: skip
    yield EditorCommand(
        "clear", tr("Clear formats"), Group.LETTERS, ("Ctrl+Shift+Space",), "eraser", tr("plain remove"),
        rule=clear_formats,
    )  # fmt: skip


def _line_commands() -> Iterable[EditorCommand]:
    header, list_ = formats.HEADER, formats.LIST
    yield EditorCommand(
        "plain", tr("Text"), Group.LINES, ("Ctrl+Alt+0",), "text-t", tr("plain paragraph"),
        is_on=lambda given: not any(given.get(each) for each in formats.LINE), rule=make_plain,
    )  # fmt: skip
    for level, words in ((1, tr("title large")), (2, tr("title medium")), (3, tr("title small"))):
        title = tr("Heading {level}").format(level=level)
        icon = f"text-h-{('one', 'two', 'three')[level - 1]}"
        yield _line(f"header-{level}", title, header, level, f"Ctrl+Alt+{level}", icon, words, "#" * level)
    yield _line(
        "bullets", tr("Bulleted list"), list_, formats.BULLET, "Ctrl+Shift+8", "list-bullets",
        tr("points dots"), "-",
    )  # fmt: skip
    yield _line(
        "numbers", tr("Numbered list"), list_, formats.ORDERED, "Ctrl+Shift+7", "list-numbers",
        tr("ordered steps"), "1.",
    )  # fmt: skip
    yield _line(
        "checks", tr("Checklist"), list_, formats.UNCHECKED, "Ctrl+Shift+9", "check-square",
        tr("boxes tasks to-do"), "[ ]",
    )  # fmt: skip
    yield _line("quote", tr("Quote"), formats.QUOTE, True, "Ctrl+Shift+.", "quotes", tr("citation said"), ">")
    yield _line(
        "code-block", tr("Code block"), formats.CODE_BLOCK, True, "Ctrl+Shift+E", "brackets-curly",
        tr("monospace program"), "```",
    )  # fmt: skip
    yield EditorCommand(
        "divider",
        tr("Divider"),
        Group.INSERT,
        (),
        "minus",
        tr("line rule across"),
        "---",
        rule=insert_divider,
    )


def _moving_commands() -> Iterable[EditorCommand]:
    for name, title, key, icon, rule in (
        ("tick", tr("Tick, or untick"), "Ctrl+D", "check", toggle_checked),
        ("indent", tr("One step deeper"), "Tab", "", partial(indent, by=1)),
        ("outdent", tr("One step back"), "Shift+Tab", "", partial(indent, by=-1)),
        ("move-up", tr("Move the lines up"), "Ctrl+Shift+Up", "arrow-up", partial(move_lines, by=-1)),
        ("move-down", tr("Move the lines down"), "Ctrl+Shift+Down", "arrow-down", partial(move_lines, by=1)),
        ("duplicate", tr("Duplicate the lines"), "Ctrl+Shift+D", "copy", duplicate_lines),
    ):
        yield EditorCommand(name, title, Group.MOVING, (key,), icon, rule=rule)


def _tool_commands() -> Iterable[EditorCommand]:
    acts: tuple[tuple[str, str, str, Callable[[Tools], None]], ...] = (
        ("find", tr("Find in the text"), "Ctrl+F", lambda tools: tools.find()),
        ("find-next", tr("Next find"), "F3", lambda tools: tools.find_next(1)),
        ("find-previous", tr("Previous find"), "Shift+F3", lambda tools: tools.find_next(-1)),
        ("replace", tr("Find and replace in the text"), "Ctrl+H", lambda tools: tools.replace()),
        ("open-link", tr("Open the link at the cursor"), "Alt+Return", lambda tools: tools.open_link()),
        ("toolbar", tr("Formats of the selection"), "Alt+F10", lambda tools: tools.show_toolbar()),
    )
    for name, title, key, act in acts:
        yield EditorCommand(
            name,
            title,
            Group.TOOLS,
            (key,),
            reads=name not in ("replace", "toolbar"),
            act=_acting(act),
        )


def _acting(act: Callable[[Tools], None]) -> Callable[[Editing, Tools], None]:
    return lambda _editor, tools: act(tools)


def text_keys() -> list[tuple[str, str]]:
    """What the keys of a text do, for the page of shortcuts: the titles with the keys."""
    found = [(each.title, each.keys[0]) for each in editor_commands() if each.keys]
    return [
        *found,
        (tr("Blocks to put in"), "/"),
        (tr("Link to a note or an issue"), "[, ["),
        (tr("Link to an issue"), "#"),
        (tr("Mention a person"), "@"),
    ]
