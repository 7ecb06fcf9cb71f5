"""What has changed between two plans of a case, told without anything personal. Decides nothing."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class Change(NamedTuple):
    """Something that has changed between two plans, in words; `code` names it, and `given` are the values of its words."""

    text: str
    code: str
    given: Mapping[str, Any] = MappingProxyType({})


UNSHOWN = Change("the plan is not the one that was shown", "unshown")


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Name what has changed between two plans, each by itself, without anything personal."""
    lines = [*_new_and_gone(before, after), *_changed(before, after)]
    if not lines and before["digest"] != after["digest"]:
        lines.append(Change("other identifiers would be sent than in the preview", "other-identifiers"))
    return lines


def _new_and_gone(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    old, new = _by_task(before), _by_task(after)
    for what, keys in (("new", new.keys() - old.keys()), ("gone", old.keys() - new.keys())):
        for party, form, until, _ in sorted(keys, key=str):
            text = f"{what}: {form} to {party}" + (f", held until {until}" if until else "")
            yield Change(text, f"{what}-held" if until else what, {"party": party, "form": form, "day": until})


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    old, new = _by_task(before), _by_task(after)
    both = sorted(old.keys() & new.keys(), key=str)
    for party, form, *rest in both:
        was, now = (each[(party, form, *rest)] for each in (old, new))
        if was["categories"] != now["categories"] or was["purposes"] != now["purposes"]:
            text = f"changed: {form} to {party} is now about {', '.join(now['categories'])}"
            yield Change(text, "about", {"party": party, "form": form, "categories": tuple(now["categories"])})
    for party, form, *rest in both:
        was, now = (each[(party, form, *rest)] for each in (old, new))
        if was["due"] != now["due"]:
            text = f"changed: {form} to {party} is due on {now['due']} now"
            yield Change(text, "due", {"party": party, "form": form, "day": now["due"]})


def _by_task(plan_: Mapping[str, Any]) -> dict[tuple[Any, ...], Any]:
    return {
        (each["party"], each["form"], each.get("until"), f"{each.get('then')} {each.get('refused')}"): each
        for each in plan_["tasks"]
    }
