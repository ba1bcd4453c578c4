"""
An article in a terminal
========================

``framing analyze article.txt`` prints this: two letters for voice and kind, a line for every statement, tables below.
On a terminal it has colours as well, which add nothing that the letters don't say; ``NO_COLOR`` or ``--no-color``
turn them off.
"""

# sphinx_gallery_thumbnail_path = "images/terminal.png"
import tempfile
from pathlib import Path

from framing.cli import main

article = """Council Closes Old Pier

The council closed the old pier on Monday. It was a cowardly choice.

"It is a disgrace," said Ida Voss, who runs the kiosk.

Petra Holm, the harbour engineer, warns that the piles may not last.

The pier opened in 1911. It is 412 metres long."""

with tempfile.TemporaryDirectory() as folder:
    file = Path(folder, "pier.txt")
    file.write_text(article, encoding="utf-8")
    main(["analyze", str(file)])

# %%
# The last lines say what every mark means. ``framing analyze --json`` prints the record instead, for other programs.
