"""A window with two projects, and what floats over it."""

from __future__ import annotations

from app.desktop.palette.finder import Finder
from app.desktop.palette.panel import AskPanel
from app.desktop.project_page import ProjectPage
from app.desktop.window import Window


def page(window: Window) -> ProjectPage:
    assert window.project_page is not None
    return window.project_page


def finder(window: Window) -> Finder:
    assert window._finder is not None
    return window._finder


def opened(window: Window) -> AskPanel:
    page(window).workspace.finish_steps()
    found = finder(window).panel
    assert found is not None
    assert found.line.hasFocus()
    return found


def texts(shown: AskPanel) -> list[str]:
    return [each.text for each in shown.list.entries if not each.heading]
