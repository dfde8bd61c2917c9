"""Where a value comes from that cannot be edited in its cell, in one sentence."""

from __future__ import annotations

from app.desktop.item.speech import field_title
from app.desktop.translate import tr
from app.domain.schema import FieldType
from app.query.paths import BY, CREATOR, Path


def origin_text(path: Path | None, title: str) -> str:
    """What a person needs to know who tried to edit such a cell."""
    if path is None:
        return tr("“{column}” cannot be changed here.").format(column=title)
    if path.total is not None or path.reverse:
        through = field_title(path.base.field) if path.base is not None else title
        return tr("“{column}” is worked out from “{source}”; change it there.").format(
            column=title, source=through
        )
    if path.base is not None:
        return tr("“{column}” comes from “{source}” and follows it; open that to change it.").format(
            column=title, source=field_title(path.base.field)
        )
    if path.field.type is FieldType.FORMULA:
        return tr("“{column}” is worked out: {formula}").format(column=title, formula=path.field.formula)
    if path.field.name in ("number", "created", "updated", BY, CREATOR) or (
        path.field.type is FieldType.AUTO_NUMBER
    ):
        return tr("“{column}” is kept by Sitebook itself.").format(column=title)
    if path.field.type is FieldType.RICH:
        return tr("Open the item to write in its text.")
    return tr("“{column}” comes from outside and cannot be changed here.").format(column=title)
