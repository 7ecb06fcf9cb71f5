"""Who asks: doubt and proof of identity. Nothing is asked without a recorded doubt, and no proof outlives its check.

GDPR Art. 12(6), 5(1)(c).
"""

import hmac
import secrets

from lineage.cases.case import Case
from lineage.cases.casework import Casework, New
from lineage.cases.filing import let_go_of_proofs
from lineage.cases.subjects import proof_name
from lineage.cases.transitions import check_may
from lineage.errors import Refused

GUESSES = 5
CODE_SECONDS = 1_800


def doubt(work: Casework, id_: str, reason: str) -> str:
    """Record a reasonable doubt about who asks (Art. 12(6)); return a one-time code to be sent to an address held already.

    The code is kept only as a keyed hash under a key of its own, which is destroyed at the check.
    """
    if not reason.strip():
        raise Refused("nothing is asked of a person without a doubt: say why there is one (GDPR Art. 12(6))")
    code = f"{secrets.randbelow(10**6):06d}"

    def decide(case: Case) -> list[New]:
        check_may(case, "doubt")
        key = work.keyring.keys((proof_name(id_),))[proof_name(id_)]  # not before: a case that is over gets none
        asked = work.clock() if case.asked is None else case.asked
        said = {"reason": reason, "asked": asked, "ends": work.clock() + CODE_SECONDS * 1_000_000}
        return [New("doubted", "dpo", said, {"code": _code_hash(key, id_, code)})]

    work.decided(id_, decide)
    return code


def guess(work: Casework, id_: str, code: str) -> bool:
    """Check a one-time code. Raises: Refused: too many were wrong, its time is over, or none was asked for."""
    right = False

    def decide(case: Case) -> list[New]:
        nonlocal right
        check_may(case, "prove")
        asked = next(each for each in reversed(work.journal.entries(id_)) if each.kind == "doubted")
        kept = work.keyring.find((proof_name(id_),)).get(proof_name(id_))
        told = work.personal(asked)
        if kept is None or told is None or case.attempts >= GUESSES:
            raise Refused(f"case {id_}: no more codes are taken: send a new one with `jalki case verify {id_} --doubt`")
        if work.clock() > asked.said["ends"]:
            raise Refused(f"case {id_}: the code's time is over: send a new one with `jalki case verify {id_} --doubt`")
        right = hmac.compare_digest(_code_hash(kept, id_, code.strip()), str(told["code"]))
        return [
            New("proved", "person", {"proved": work.clock(), "how": "code"}) if right else New("guessed", "person", {})
        ]

    case = work.decided(id_, decide)
    if right or case.attempts >= GUESSES:
        work.keyring.destroy((proof_name(id_),))
    let_go_of_proofs(work, case)
    return right


def prove(work: Casework, id_: str, how: str) -> Case:
    """Record that a member of staff has seen who asks, and how (never a copy of the proof itself); a doubt need not come first.

    Raises: Refused: it is not said how, or it is clear who asks, or the case is past that.
    """
    if not how.strip():
        raise Refused("say how it was seen who asks, such as: id card at the counter", "how-seen")

    def decide(case: Case) -> list[New]:
        if case.state == "received" and case.verified:
            raise Refused(f"case {id_}: it is clear who asks: nothing more is asked of her", "clear-who", case=id_)
        if case.state != "received":
            check_may(case, "prove")
        return [New("proved", "dpo", {"proved": work.clock(), "how": how})]

    case = work.decided(id_, decide)
    work.keyring.destroy((proof_name(id_),))
    return let_go_of_proofs(work, case)


def _code_hash(key: bytes, id_: str, code: str) -> str:
    return hmac.digest(key, f"{id_}\0{code}".encode(), "sha256").hex()
