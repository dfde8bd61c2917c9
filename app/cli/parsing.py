"""The parser of ``sitebook``'s arguments, and the pieces that its commands are made of."""

from __future__ import annotations

import argparse
import sys
from typing import Any, NoReturn

MARK = "\0"
"""Put before words that begin with one hyphen (``-label:paint``, ``-due``), which are values here and not
options. No argument of a process can hold this character."""


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong and how to see the help."""

    def error(self, message: str) -> NoReturn:
        """Exit with code 2."""
        text = " ".join(message.replace(MARK, "").split())
        if sys.stderr is not None:
            print(f"sitebook: {text} (see `{self.prog} --help`)", file=sys.stderr)
        sys.exit(2)

    def print_help(self, file: Any = None) -> None:
        """Print the help; unlike some versions of argparse, do not keep quiet where it cannot be written."""
        target = sys.stdout if file is None else file
        if target is not None:
            print(self.format_help(), end="", file=target)
            if sys.stdout is not None:
                sys.stdout.flush()


def unmarked(value: Any) -> Any:
    """A value without the mark of ``read_arguments``."""
    if isinstance(value, str):
        return value.removeprefix(MARK)
    if isinstance(value, list):
        return [unmarked(each) for each in value]
    return value


def natural(text: str) -> int:
    """A whole number. Raises ValueError."""
    number = int(unmarked(text))
    if number < 0:
        raise ValueError
    return number


natural.__name__ = "whole number"


def add_globals(parser: argparse.ArgumentParser, *, top: bool) -> None:
    """The options that every command has."""
    # In a subcommand an option that is not given must not undo what stands before the subcommand.
    default: Any = None if top else argparse.SUPPRESS
    group = parser.add_argument_group("global options, before or after the command")
    group.add_argument("--profile", metavar="DIR", default=default, help="or the variable SITEBOOK_PROFILE")
    group.add_argument("--project", metavar="NAME-OR-ID", default=default, help="where there are several")
    group.add_argument(
        "--json",
        action="store_true",
        default=False if top else argparse.SUPPRESS,
        help="one JSON document on stdout",
    )


class Group:
    """Commands below one parser."""

    def __init__(self, parser: argparse.ArgumentParser, title: str) -> None:
        self._commands: Any = parser.add_subparsers(
            title=title, metavar="COMMAND", parser_class=Parser, required=False
        )

    def add(self, name: str, function: str, text: str) -> argparse.ArgumentParser:
        """One command; ``function`` is ``module:function`` in ``app.cli``."""
        parser: argparse.ArgumentParser = self._commands.add_parser(
            name, help=text, description=text[:1].upper() + text[1:] + "."
        )
        parser.set_defaults(command=function)
        add_globals(parser, top=False)
        return parser

    def group(self, name: str, text: str) -> Group:
        """Commands below a word, such as ``issue``."""
        parser = self.add(name, "helping:incomplete", text)
        parser.set_defaults(incomplete=parser)
        return Group(parser, text)


def add_text(parser: argparse.ArgumentParser) -> None:
    """Add the text of what is made, and how it is written."""
    parser.add_argument("--text", metavar="TEXT", default="")
    parser.add_argument(
        "--format", choices=["markdown", "plain"], default="plain", help="how TEXT is written"
    )


def add_set(parser: argparse.ArgumentParser) -> None:
    """Options that give fields values."""
    parser.add_argument(
        "--set",
        metavar="FIELD=VALUE",
        action="append",
        default=[],
        dest="assignments",
        help="may be given several times; FIELD+=VALUE adds, FIELD-=VALUE takes away, FIELD= clears",
    )


def add_assignments(parser: argparse.ArgumentParser) -> None:
    """Arguments that give fields values, at least one."""
    parser.add_argument("assignments", metavar="FIELD=VALUE", nargs="+")


def add_one(group: Group, name: str, function: str, text: str) -> argparse.ArgumentParser:
    """A command about one record."""
    parser = group.add(name, function, text)
    parser.add_argument("id", metavar="ID")
    return parser


def add_list(group: Group, function: str, text: str) -> None:
    """A command that lists what a query finds."""
    parser = group.add("list", function, text)
    parser.add_argument("query", metavar="QUERY", nargs="*")
    parser.add_argument("--sort", metavar="FIELD,-FIELD", default="")
    parser.add_argument("--limit", metavar="N", type=natural)
    parser.add_argument("--deleted", action="store_true", default=False, help="the deleted ones")
    parser.add_argument("--view", metavar="NAME", default="", help="as this saved view shows them")
