"""The end of a restriction: lifted by a person once she who asked for it was told (Art. 18(3))."""

from lineage.cases.case import Case
from lineage.cases.casework import Casework, New
from lineage.cases.deciding import plan_of, stop_inflow
from lineage.cases.subjects import seen_of, subject_of
from lineage.cases.words import CaseState
from lineage.clocks import day_of
from lineage.errors import Refused

LIFTABLE: frozenset[CaseState] = frozenset({"carrying-out", "answered", "partly-done", "closed"})


def lift(work: Casework, id_: str, told: str) -> Case:
    """Lift a restriction, once the person was told of it (`told`, an ISO day; Art. 18(3)), and tell whoever was told of it.

    Raises: Refused: no restriction, or she was not told before.
    """
    if told > day_of(work.clock()).isoformat():
        raise Refused("the person must be told before a restriction is lifted (GDPR Art. 18(3))", "told-before")

    def decide(case: Case) -> list[New]:
        if case.right != "restriction" or case.approved is None or case.state not in LIFTABLE:
            raise Refused(f"case {id_} restricts nothing that could be lifted", "restricts-nothing", case=id_)
        if case.lifted is not None:
            raise Refused(f"case {id_}: the restriction is lifted already", "lifted", case=id_)
        subject = subject_of(work.graph, case.subjects)
        seen, consents = seen_of(work.graph, work.keyring, subject.members)
        restricted = {each.party for each in case.tasks.values() if each.state not in {"cancelled", "not_held"}}
        seen = [each for each in seen if each.disclosure.route.target in restricted]
        over = case.state != "carrying-out"
        opened = [New("reopened", "dpo", {"for": "lifting"})] if over else []
        found = plan_of(work, case, seen, consents, reopened=over, action="lift")
        return [*opened, New("lifted", "dpo", {"told": told}), New("planned", "jalki", found.said, found.personal)]

    case = work.decided(id_, decide)
    stop_inflow(work, case)
    return case
