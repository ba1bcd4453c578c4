"""Imports point one way: a module imports only from modules above it in this list."""

import ast
from pathlib import Path

import framing

HOME = Path(framing.__file__).parent
LAYERS = [
    "exceptions", "once", "workers", "progress", "metrics", "record", "scores", "strip", "display", "view", "markup",
    "card", "tables", "analysis", "overview", "report", "finding_plots", "plots", "lexicons", "inventories",
    "models", "archives", "persistence", "base", "shapley", "text", "sentences", "article", "web", "vectors",
    "embedding", "word_rows", "features", "linear", "additive", "blend", "tokens", "turns", "links", "network",
    "encoder", "document", "names", "entities", "roles", "speakers", "relations", "stretches", "certainty",
    "kinds", "tagger", "tuning", "attribution", "statements", "codebook", "frame_scores", "frame_fit", "frames",
    "axes", "bias_scores", "loaded", "bias", "opinion", "columns", "assembly", "storage", "analyzer", "saving",
    "testing", "batch", "datasets", "annotations", "units", "gold", "inference", "shares", "regression",
    "stories", "contrasts", "keywords", "sourcing", "agreement", "evaluation", "workbench", "cli_annotate",
    "cli_train", "cli",
]  # fmt: skip


def imports_of(path):
    """Modules of the package that a file imports, at whatever depth; not those for type checking only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and getattr(block.test, "id", "") == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            names = [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("framing.")}
    return found


def modules():
    for path in sorted(HOME.rglob("*.py")):
        parts = path.relative_to(HOME).with_suffix("").parts
        if parts[0] not in ("__init__", "__main__") and "_sample" not in parts:
            yield parts[0], path


def test_every_module_has_a_layer():
    assert {name for name, _ in modules()} == set(LAYERS)


def test_imports_point_up():
    wrong = {
        (name, other)
        for name, path in modules()
        for other in imports_of(path) - {name}
        if LAYERS.index(other) >= LAYERS.index(name)
    }
    assert wrong == set()


def test_nltk_is_imported_nowhere_at_run_time():
    for name, path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not any(n.split(".")[0] == "nltk" for n in names), f"{name} imports NLTK, which takes seconds"
