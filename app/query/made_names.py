"""The names that the templates of categories make for records without a name of their own, from columns."""

from __future__ import annotations

from app.domain.categories import HOLDERS
from app.domain.name_template import made_name, template_paths
from app.query.frames import Frames


class MadeNames:
    """Made names, as they are now. What they are made of is read when it is asked for: load ``needs`` first."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames

    def needs(self, kind: str) -> list[str]:
        """The columns that names of a kind are made of; none where no category has a template."""
        if kind not in HOLDERS:
            return []
        templates = [each.template for each in self._frames.directory.categories.of(kind) if each.template]
        found = [
            path.text
            for template in templates
            for typed in template_paths(template)
            if (path := self._frames.catalog.find(kind, typed)) is not None
        ]
        return [HOLDERS[kind], *dict.fromkeys(found)] if found else []

    def ready(self, kind: str) -> bool:
        """Whether everything that they are made of is in memory."""
        return self._frames.is_loaded(kind, self.needs(kind))

    def name(self, kind: str, row: int) -> str:
        """The name that the template of its category makes for a record; empty where there is none."""
        holder = HOLDERS.get(kind)
        if holder is None:
            return ""
        frame, catalog = self._frames.frame(kind), self._frames.catalog
        entry = self._frames.directory.categories.find(kind, frame.value(holder, row))
        if entry is None or not entry.template:
            return ""

        def shown(typed: str) -> str:
            path = catalog.find(kind, typed)
            return "" if path is None else frame.text(path.text, row)

        return made_name(entry.template, shown)
