"""Estimators of texts whose scores are sums over words, so that every prediction explains itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from framing.base import check_texts, text_tags
from framing.linear import Block, Contribution, Explanation, WordTable, sigmoid
from framing.once import LOCK
from framing.text import split_words, tokenize
from framing.word_rows import bundled_features

__all__ = ["AdditiveClassifier", "Tabled", "tokens_of"]


class Tabled(BaseEstimator):
    """An estimator that reads a table of words' scores, made of a block.

    Where it is sent, to another process or to a file, goes what it learned; the table is made anew there. What it
    took from the bundled models stays behind, and follows its parameters when they are set.
    """

    def _tabulate(self, block: Block, *, bundled: bool = False) -> None:
        self._is_bundled = bundled
        self._table = WordTable([block], bundled_features())  # the last: what has a table is ready

    def _own_block(self) -> Block | None:
        """The block to make a table of, if there is one."""
        raise NotImplementedError

    def _bundled(self) -> None:
        """Take the bundled model."""
        raise NotImplementedError

    def _ready(self) -> None:
        """Take the bundled model unless there is one; threads that share the estimator wait for the first of them."""
        if not hasattr(self, "_table"):
            with LOCK:
                if not hasattr(self, "_table"):
                    self._bundled()

    def _forget(self) -> None:
        """Drop the table, and the bundled model with it."""
        for name in _without_made(vars(self)) ^ vars(self).keys():
            delattr(self, name)

    def set_params(self, **params: Any) -> Self:
        """Set parameters; see scikit-learn."""
        super().set_params(**params)
        if getattr(self, "_is_bundled", False):
            self._forget()
        return self

    def __getstate__(self) -> dict[str, Any]:
        return _without_made(super().__getstate__())

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        super().__setstate__(dict(state))
        block = self._own_block()
        if block is not None:
            self._tabulate(block)


def _without_made(state: Mapping[str, Any]) -> dict[str, Any]:
    """What cannot be made of the rest and the bundled models; scikit-learn's own settings stay."""
    bundled = state.get("_is_bundled", False)
    return {
        name: value
        for name, value in state.items()
        if name not in ("_table", "_is_bundled")
        and not (bundled and name.startswith("_") and not name.startswith("_sklearn"))
    }


class AdditiveClassifier(ClassifierMixin, Tabled):
    """What such classifiers share: everything but learning.

    A text's score is an intercept plus the sum of its words' scores over the square root of its number of tokens.
    Subclasses learn in ``fit`` and bring their bundled model in ``_bundled``; both hand it to ``_set``.
    """

    def _set(
        self, classes: NDArray[Any], block: Block, intercepts: NDArray[Any], *, bundled: bool = False
    ) -> None:
        """Take a model: two classes have one score, more have one each."""
        self._classes, self._block = classes, block
        self._intercepts = np.asarray(intercepts, dtype=np.float64)
        self._tabulate(block, bundled=bundled)

    def _own_block(self) -> Block | None:
        return getattr(self, "_block", None)

    @property
    def classes_(self) -> NDArray[Any]:
        """The classes, in order."""
        self._ready()
        return self._classes

    @property
    def intercept_(self) -> NDArray[np.float64]:
        """Scores of a text without words, shape (1,) for two classes, else (n_classes,)."""
        self._ready()
        return self._intercepts

    def decision_function(self, X: Iterable[str]) -> NDArray[np.float64]:
        """Scores before they become probabilities.

        Parameters
        ----------
        X : array-like of str, shape (n_texts,)

        Returns
        -------
        ndarray of float64, shape (n_texts,) or (n_texts, n_classes)
            Log odds of the second of two classes; of more classes, each one's score.
        """
        scores = self._scores(check_texts(X))
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict_proba(self, X: Iterable[str]) -> NDArray[np.float64]:
        """Probabilities of the classes, shape (n_texts, n_classes)."""
        scores = self._scores(check_texts(X))
        if scores.shape[1] == 1:
            second = sigmoid(scores[:, 0])
            return np.column_stack([1 - second, second])
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(chances / chances.sum(axis=1, keepdims=True))

    def predict(self, X: Iterable[str]) -> NDArray[Any]:
        """The likeliest class of each text, shape (n_texts,)."""
        scores = self._scores(check_texts(X))
        best = (scores[:, 0] > 0).astype(int) if scores.shape[1] == 1 else scores.argmax(axis=1)
        return np.asarray(self.classes_[best])

    def explain(self, text: str, label: Any = None) -> Explanation:
        """Every word's share in a text's score.

        Parameters
        ----------
        text : str
        label : optional
            Which of more than two classes; by default the likeliest. Of two, the second is explained.

        Returns
        -------
        Explanation
            ``score`` is the decision function; ``intercept`` and the contributions' values add up to it.

        Raises
        ------
        ValueError
            If there is no such class.
        """
        (text,) = check_texts([text], "text")
        self._ready()
        column = 0
        if len(self._intercepts) > 1:
            wanted = self.predict([text])[0] if label is None else label
            (places,) = np.nonzero(self._classes == wanted)
            if not len(places):
                raise ValueError(f"label must be one of {', '.join(map(str, self._classes))}. Got {label!r} instead.")
            column = int(places[0])
        spans = tokenize(text).tolist()
        sheet = self._table.read([text[s:e] for s, e in spans])
        values = sheet.contributions(self._block, 0, len(spans))[:, column].astype(np.float64)
        parts = [Contribution(s, e, text[s:e], float(v)) for (s, e), v in zip(spans, values, strict=True)]
        intercept = float(self._intercepts[column])
        return Explanation(float(values.sum()) + intercept, intercept, parts)

    def _scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Shape (n_texts, 1) for two classes, else (n_texts, n_classes)."""
        self._ready()
        tokens, ranges = tokens_of(texts)
        return np.asarray(self._table.read(tokens).sums(self._block, ranges).astype(np.float64) + self._intercepts)

    def __sklearn_tags__(self) -> Any:
        return text_tags(super().__sklearn_tags__())


def tokens_of(texts: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Tokens of all texts, and each text's first token and token after its last."""
    tokens: list[str] = []
    edges = [0]
    for text in texts:
        tokens += split_words(text)
        edges.append(len(tokens))
    return tokens, np.column_stack([edges[:-1], edges[1:]]).astype(np.int64)
