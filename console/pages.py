"""What every page has that a person gets as one file: head, style for screen and paper. Knows nothing of what is said on it."""

import re
from html import escape

_DAY = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])", re.ASCII)
_STYLE = """
:root{color-scheme:light dark;--ink:#1a1e24;--faint:#5a6370;--line:#cbd0d8;--shade:#f3f5f8;--page:#fff;--mark:#1b4f8a}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaee;--faint:#a9b1bd;--line:#3d4450;--shade:#22272f;--page:#16191e;
 --mark:#8fbaf0}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2.5rem 1.25rem 4rem;max-width:64rem;color:var(--ink);background:var(--page);
 font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header{border-bottom:3px solid var(--mark);padding-bottom:1.25rem;margin-bottom:1.5rem}
h1{font-size:2rem;line-height:1.2;margin:0 0 .25rem}
h2{font-size:1.25rem;margin:2.25rem 0 .5rem}
p{margin:.5rem 0;max-width:46rem}
header p{color:var(--faint)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.25rem;margin:1rem 0 0}
dt{color:var(--faint)} dd{margin:0;overflow-wrap:anywhere}
li{margin:.35rem 0;max-width:46rem}
time{white-space:nowrap}
.wide{overflow-x:auto;margin:.75rem 0}
.wide:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.named caption{position:static;width:auto;height:auto;clip-path:none;text-align:left;font-weight:600;padding:.4rem 0}
th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;border-bottom:1px solid var(--line);overflow-wrap:break-word}
thead th{background:var(--shade);font-weight:600}
tbody th{font-weight:600}
@media print{@page{size:A4;margin:16mm}:root{--ink:#000;--faint:#444;--line:#999;--shade:#eee;--page:#fff;--mark:#000}
 body{padding:0;max-width:none;font-size:10pt}table{font-size:8pt}.wide{overflow:visible}
 thead{display:table-header-group}tr,li{break-inside:avoid}h2{break-after:avoid}}
"""


def shown(text: str) -> str:
    """Return a text escaped, its days marked so that no line is broken within one."""
    return _DAY.sub(r"<time>\g<0></time>", escape(text))


def page(language: str, title: str, body: str, style: str = "") -> str:
    """Return one self-contained page: no script, nothing loaded from anywhere. `body` is HTML, `style` more CSS."""
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "form-action 'none'; base-uri 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>"
    )
