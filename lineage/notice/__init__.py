"""The recipients part of the privacy notice (GDPR Art. 13(1)(c)-(f), (2)(a)), from the register. Pure; judges no sufficiency."""

from lineage.notice.comparing import Difference, Mentioned, difference, mentioned
from lineage.notice.making import notice
from lineage.notice.model import Notice, NoticePurpose, Open, Receiver
from lineage.notice.wording import as_text, notice_texts_of

__all__ = [
    "Difference",
    "Mentioned",
    "Notice",
    "NoticePurpose",
    "Open",
    "Receiver",
    "as_text",
    "difference",
    "mentioned",
    "notice",
    "notice_texts_of",
]
