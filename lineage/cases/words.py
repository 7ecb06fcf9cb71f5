"""The closed vocabularies of cases and tasks: those of the contract and of GDPR Art. 12-22. Holds no rule."""

from typing import Literal, get_args

Right = Literal["erasure", "access", "transfer", "rectification", "restriction", "objection", "unsubscribe"]
RIGHTS: tuple[Right, ...] = get_args(Right)

CaseState = Literal[
    "received",  # arrived; the clock runs
    "identity",  # a reasonable doubt is recorded (Art. 12(6)) and a proof is waited for
    "approved",  # a person has said yes to the plan as shown
    "carrying-out",  # tasks are under way
    "answered",  # the person has her answer (Art. 12(3)); late outcomes may still come
    "partly-done",  # answered; what the law keeps is held, each item with ground and date
    "closed",
    "refused",  # Art. 12(4), 12(5): with ground and remedies
    "withdrawn",  # by the person
    "duplicate",  # of another open case of the same, verified person
]
CASE_STATES: tuple[CaseState, ...] = get_args(CaseState)

TaskState = Literal[
    "held",  # the law keeps the item until a day
    "queued",
    "sent",  # handed over; nothing has come back
    "accepted",  # the party said it has the task: no proof of anything done
    "verified",  # a read-back, or a signed answer, shows that it is done
    "promised",  # the party will have done it by a day
    "partial",  # done for a part
    "declined",  # the party keeps it, on a ground of its own
    "not_held",  # the party has nothing of the person
    "manual",  # a person must do or ask
    "overdue",  # no answer in time
    "failed",  # cannot be delivered, or what was promised proved untrue
    "cancelled",  # the request was withdrawn before the task went out
]
TASK_STATES: tuple[TaskState, ...] = get_args(TaskState)

CONNECTOR_FAULT = "connector-fault"
"""How a task stands whose connector failed in a way it should not: a fault of ours, and no word of the party."""

Shows = Literal[
    "identity",  # who asks; nobody keeps it once that is shown, or the case decided (Art. 12(6), 5(1)(c))
    "mandate",  # that somebody may act for her
    "task",  # what a party did, or says
    "refusal",  # the ground of a refusal
    "other",
]
SHOWS: tuple[Shows, ...] = get_args(Shows)
"""What a file of evidence is there to show."""

Form = Literal[
    "instruction",  # to a processor (Art. 28(3))
    "notice",  # to a controller (Art. 19, or 7(3), 21)
    "internal",  # the company's own systems and group companies that share its order system
]
Action = Literal["erase", "rectify", "restrict", "lift", "stop", "collect", "send"]
ACTIONS: tuple[Action, ...] = get_args(Action)
