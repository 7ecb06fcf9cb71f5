"""Whether a request comes from a page of ours: no form of another site may do anything here (CSRF). Needs no token."""

from urllib.parse import urlsplit

from starlette.requests import Request


def is_for_us(request: Request, url: str) -> bool:
    """Tell whether a request is meant for this address: a name of somebody else's that leads here (DNS rebinding) is not."""
    return request.headers.get("host", "").lower() == urlsplit(url).netloc.lower()


def is_ours(request: Request, url: str) -> bool:
    """Tell whether a page of ours sent a form.

    Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; who says neither is no browser with a session of ours.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    parts = urlsplit(url)
    ours = f"{parts.scheme}://{parts.netloc}".lower()
    if origin is not None and origin.lower() != ours:
        return False
    return site == "same-origin" if site is not None else origin is not None
