"""The notice as JSON, which is the form to keep beside what was published: it is the same in every language."""

from collections.abc import Mapping
from typing import Any

from lineage.answers.model import Kept
from lineage.notice.model import Notice, Receiver
from lineage.register import Period
from lineage.times import rfc3339


def notice_shape(notice: Notice) -> dict[str, Any]:
    """Return the notice; equal notices give equal JSON but for when they hold (`as_of`)."""
    return {
        "as_of": rfc3339(notice.at),
        "purposes": [
            {
                "purpose": each.id,
                "text": each.text,
                "basis": each.basis,
                "article": each.article,
                "categories": list(each.categories),
                "recipients": [_receiver(one) for one in each.receivers],
                "kept": [_kept(one) for one in each.periods],
            }
            for each in notice.purposes
        ],
        "open": [{"purpose": each.purpose, "party": each.party, "what": each.what} for each in notice.open],
    }


def _receiver(each: Receiver) -> dict[str, Any]:
    transfer = each.transfer
    return {
        "party": each.company.party,
        "name": each.company.name,
        "named": each.company.named,
        "country": each.company.country,
        "role": each.role,
        "categories": list(each.categories),
        "transfer": transfer and {"country": transfer.country, "mechanisms": list(transfer.mechanisms)},
    }


def _kept(each: Kept) -> dict[str, Any]:
    rule = each.rule
    return {
        "categories": list(each.categories),
        "rule": rule and rule.rule,
        "law": rule and rule.law,
        "period": rule and _period(rule.period),
        "at_latest": rule and rule.at_latest and _period(rule.at_latest),
    }


def _period(period: Period) -> Mapping[str, Any]:
    return {
        "after": period.after,
        "years": period.years,
        "months": period.months,
        "days": period.days,
        "until_year_end": period.until_year_end,
    }
