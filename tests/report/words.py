"""Words that a page shows, counted as a reader meets them."""

import re

MAX, MAX_OF_FIRST_PAGE, MAX_OF_ANSWER = 3500, 150, 30
"""Words in view of a report, of its first page beside tables and figure, and of its answer."""
_INNERMOST = re.compile(
    r"<details[^>]*>\s*(<summary>(?:(?!</summary>).)*</summary>)(?:(?!<details).)*?</details>", re.S
)


def on_page(html: str, *, is_folded: bool) -> str:
    """Words of a page, with or without those behind lines that open."""
    body = html.partition("<body>")[2]
    body = re.sub(r"<(script|style)>.*?</\1>", " ", body, flags=re.S)
    while not is_folded and _INNERMOST.search(body):
        body = _INNERMOST.sub(r"\1", body)
    return _text(body)


def first_screen(html: str) -> str:
    """Words of a page before its contents, but for tables and figures."""
    body = html.partition("<body>")[2].partition("<nav")[0]
    for tag in ("table", "figure"):
        body = re.sub(rf"<{tag}.*?</{tag}>", " ", body, flags=re.S)
    return _text(body.replace('<a class="skip" href="#answer">To the answer</a>', ""))


def _text(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())
