"""Articles from web pages that are already at hand; nothing is ever downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from framing.exceptions import ArticleError, MissingExtraError

__all__ = ["Page", "read_html"]


@dataclass(frozen=True, slots=True)
class Page:
    """What a web page says about itself and its article.

    Attributes
    ----------
    text : str
        The article's paragraphs, one a line, without most of the page furniture.
    title, date, outlet, author : str or None
        None where the page does not tell; the date as YYYY-MM-DD.
    url : str or None
        As given, else the address that the page gives for itself.
    """

    text: str
    title: str | None
    date: str | None
    outlet: str | None
    author: str | None
    url: str | None

    def to_article(self) -> dict[str, str]:
        r"""The page as an input record for `analyze_many`.

        Returns
        -------
        dict of str to str
            ``text``, which opens with the title where that is known, and whatever else is known.

        Examples
        --------
        >>> page = Page("The pier was closed.", "Pier Shut", None, "The Aldermoor Gazette", None, None)
        >>> page.to_article()["text"]
        'Pier Shut\n\nThe pier was closed.'
        """
        fields = {"title": self.title, "date": self.date, "outlet": self.outlet}
        fields |= {"author": self.author, "url": self.url}
        text = self.text
        if self.title and not text.startswith(self.title):
            text = f"{self.title}\n\n{text}"
        return {"text": text} | {name: value for name, value in fields.items() if value}


def read_html(html: str | bytes, *, url: str | None = None) -> Page:
    """Read the article out of a web page.

    Parameters
    ----------
    html : str or bytes
        The source of the whole page. Bytes are decoded by what the page declares or looks like.
    url : str, optional
        Where the page came from. It helps to find the outlet and the date, and is not visited.

    Returns
    -------
    Page

    Raises
    ------
    TypeError
        If an argument is of another type.
    ArticleError
        If there is no article in the page. It is a ValueError, too.
    MissingExtraError
        If trafilatura is not installed. It is an ImportError, too.

    Examples
    --------
    >>> paragraph = "The harbour was closed on Monday, police said. "
    >>> html = f"<html><head><title>Pier Shut</title></head><body><p>{paragraph * 9}</p></body></html>"
    >>> read_html(html).title
    'Pier Shut'
    """
    if not isinstance(html, (str, bytes)):
        raise TypeError(
            f"The 'html' parameter of read_html must be a str or bytes. Got {type(html).__name__} instead; "
            "pass the source of the page."
        )
    if url is not None and not isinstance(url, str):
        raise TypeError(f"The 'url' parameter of read_html must be a str or None. Got {type(url).__name__} instead.")
    if ("<" if isinstance(html, str) else b"<") not in html:  # type: ignore[operator]
        raise ArticleError(
            "The 'html' parameter of read_html holds no HTML; addresses are not visited, so pass the source "
            "of the page, and analyze plain text directly."
        )
    try:
        from trafilatura import bare_extraction
    except ImportError as error:
        raise MissingExtraError(
            'Reading web pages needs trafilatura; install it with: pip install "newsframing[web]"'
        ) from error
    try:
        found: Any = bare_extraction(html, url=url, with_metadata=True, include_comments=False, include_tables=False)
    except AssertionError:  # lxml's, on fragments without a root that can be cleaned
        found = None
    if found is None or not (found.text or "").strip():
        raise ArticleError("The page holds no article text; pass the source of a whole article page.")
    return Page(
        text=found.text.strip(),
        title=found.title or None,
        date=found.date or None,
        outlet=found.sitename or None,
        author=found.author or None,
        url=url or found.url or None,
    )
