"""The questions that can be asked, as one table: address, what is given, who it is about, how it is answered."""

from console.api import about_cases, about_flows, about_parties, about_persons, about_register, about_time
from console.api.answering import Question
from console.api.answers import (
    BuyerShape,
    ChangesShape,
    PartyShape,
    ReachedPersonShape,
    ReachedShape,
    RecallShape,
    SharingShape,
    WhereShape,
)
from console.api.asked import (
    AsOf,
    Between,
    CaseAsked,
    CasesAsked,
    DriftAsked,
    NothingMore,
    PersonCasesAsked,
    ReachedAsked,
    ReachedPersonsAsked,
    RecallAsked,
    RecallPersonsAsked,
    RecordAsked,
    WhereAsked,
)
from console.api.asked_parties import (
    RemainingAsked,
    RemainingPersonsAsked,
    TransfersAsked,
    TransfersPersonsAsked,
)
from console.api.asked_persons import (
    LookupsAsked,
    MayShareAsked,
    MomentsAsked,
    OverdueAsked,
    PersonLookupsAsked,
    PreviewAsked,
    RequestsAsked,
    StaffAsked,
    TimelineAsked,
)
from console.api.asked_register import (
    LARGEST_NOTICE,
    BreachAsked,
    ClockAsked,
    DifferenceAsked,
    NamesAsked,
    NoticeAsked,
)
from console.api.case_answers import CaseRowShape, CaseShape, PersonCaseShape
from console.api.drift_answers import DriftShape
from console.api.party_answers import (
    FirstShape,
    LeftShape,
    RemainingShape,
    TransferredShape,
    TransfersShape,
    VolumesShape,
)
from console.api.person_answers import LookUpsShape, MayShareShape, MomentShape, OverdueShape, TimelineShape
from console.api.record_answers import RecordShape
from console.api.register_answers import (
    BreachShape,
    ClockShape,
    DifferenceShape,
    NamesShape,
    NoticeShape,
    RegisterFindingShape,
)

SVG, MARKDOWN = "image/svg+xml", "text/markdown"

QUESTIONS: tuple[Question, ...] = (
    Question(
        "parties", "GET", "/v1/parties", "The parties of the register, with what each got and passed on.",
        AsOf, PartyShape, about_flows.parties, listed=True,
    ),
    Question(
        "volumes", "GET", "/v1/parties/volumes", "How often each party got anything, month by month.",
        AsOf, VolumesShape, about_flows.volumes, forms={SVG: about_flows.volumes_picture},
    ),
    Question(
        "sharing", "GET", "/v1/sharing", "The whole sharing graph, also as of an earlier time.",
        AsOf, SharingShape, about_flows.sharing_graph, forms={SVG: about_flows.sharing_picture},
    ),
    Question(
        "sharing-changes", "GET", "/v1/sharing/changes", "What changed in the sharing graph between two times.",
        Between, ChangesShape, about_flows.sharing_changes,
    ),
    Question(
        "drift", "GET", "/v1/drift", "Disclosures that were not allowed at their moment, newest first.",
        DriftAsked, DriftShape, about_flows.drift_found, listed=True, paged=True,
    ),
    Question(
        "overdue", "GET", "/v1/overdue", "What is kept although its retention has passed.",
        OverdueAsked, OverdueShape, about_flows.overdue_found, listed=True, paged=True,
    ),
    Question(
        "record", "GET", "/v1/record", "The record of processing activities, declared and observed.",
        RecordAsked, RecordShape, about_flows.record,
    ),
    Question(
        "register-check", "GET", "/v1/register/check", "What is wrong or still open in the register.",
        NothingMore, RegisterFindingShape, about_register.register_findings, listed=True,
    ),
    Question(
        "notice", "GET", "/v1/register/notice", "The recipients part of the privacy notice, from the register.",
        NoticeAsked, NoticeShape, about_register.notice_rows, forms={MARKDOWN: about_register.notice_text},
    ),
    Question(
        "notice-difference", "POST", "/v1/register/notice/difference", "How a published notice differs, row by row.",
        DifferenceAsked, DifferenceShape, about_register.notice_difference, largest=LARGEST_NOTICE,
    ),
    Question(
        "notice-names", "POST", "/v1/register/notice/names", "Which recipients a published text names, and which not.",
        NamesAsked, NamesShape, about_register.notice_names, largest=LARGEST_NOTICE,
    ),
    Question(
        "clock", "GET", "/v1/clock", "The dates of a case, from moments that are given.",
        ClockAsked, ClockShape, about_register.case_dates,
    ),
    Question(
        "clock-breach", "GET", "/v1/clock/breach", "By when a breach must be notified, from when it became known.",
        BreachAsked, BreachShape, about_register.breach_hours,
    ),
    Question(
        "cases", "GET", "/v1/cases", "Cases, by the day they must be answered.",
        CasesAsked, CaseRowShape, about_flows.cases, listed=True, paged=True,
    ),
    Question(
        "case", "POST", "/v1/case", "One case: its dates, what is decided, every task and how its state is known.",
        CaseAsked, CaseShape, about_cases.case, about_cases.look_at_case,
    ),
    Question(
        "case-preview", "POST", "/v1/case/preview", "One case with the plan as things stand, which is not kept.",
        PreviewAsked, CaseShape, about_cases.case_foreseen, about_cases.look_at_case,
    ),
    Question(
        "case-requests", "POST", "/v1/case/requests", "One case, and how each party would be told. Nobody is.",
        RequestsAsked, CaseShape, about_cases.case_requests, about_cases.look_at_case,
    ),
    Question(
        "where", "POST", "/v1/where", "Where one person's data is.",
        WhereAsked, WhereShape, about_persons.where_is, about_persons.look_at_person,
        forms={SVG: about_persons.where_picture},
    ),
    Question(
        "person-cases", "POST", "/v1/person/cases", "One person's cases and how they stand, also what was refused and why.",
        PersonCasesAsked, PersonCaseShape, about_cases.cases_of_person, about_persons.look_at_person, listed=True,
    ),
    Question(
        "timeline", "POST", "/v1/timeline", "What happened to one person's data: counts, and what is known beside them.",
        TimelineAsked, TimelineShape, about_time.person_timeline, about_persons.look_at_person,
    ),
    Question(
        "timeline-moments", "POST", "/v1/timeline/moments", "The moments of it, by when they occurred.",
        MomentsAsked, MomentShape, about_time.person_moments, about_persons.look_at_person, listed=True, paged=True,
    ),
    Question(
        "may-share", "POST", "/v1/may-share", "Whether one person's data may be sent to a party for a purpose now.",
        MayShareAsked, MayShareShape, about_time.sharing_allowed, about_time.look_at_sharing,
    ),
    Question(
        "person-lookups", "POST", "/v1/person/lookups", "When staff looked at one person's record, why and for whom.",
        PersonLookupsAsked, LookUpsShape, about_time.look_ups_at_person, about_time.look_at_look_ups,
    ),
    Question(
        "lookups", "GET", "/v1/lookups", "Look-ups by staff in an interval: counts.",
        LookupsAsked, LookUpsShape, about_time.look_up_counts,
    ),
    Question(
        "staff-lookups", "POST", "/v1/lookups/staff", "Look-ups with who it was: for oversight alone.",
        StaffAsked, LookUpsShape, about_time.look_ups_of_staff, about_time.look_at_staff,
    ),
    Question(
        "reached", "POST", "/v1/reached", "Whose data a party had in an interval and may still have: counts.",
        ReachedAsked, ReachedShape, about_persons.reached_counts, about_persons.look_at_party,
    ),
    Question(
        "reached-first", "POST", "/v1/reached/first", "What can be said of it at once, whatever the number of persons.",
        ReachedAsked, FirstShape, about_parties.reached_first, about_persons.look_at_party,
    ),
    Question(
        "reached-persons", "POST", "/v1/reached/persons", "The persons of it, by pseudonym.",
        ReachedPersonsAsked, ReachedPersonShape, about_persons.reached_persons, about_persons.look_at_party,
        listed=True, paged=True,
    ),
    Question(
        "remaining", "POST", "/v1/remaining", "What a party may still have when its contract is over: counts.",
        RemainingAsked, RemainingShape, about_parties.remaining_counts, about_parties.look_at_leftovers,
    ),
    Question(
        "remaining-persons", "POST", "/v1/remaining/persons", "The persons of it, by pseudonym.",
        RemainingPersonsAsked, LeftShape, about_parties.remaining_persons, about_parties.look_at_leftovers,
        listed=True, paged=True,
    ),
    Question(
        "transfers", "POST", "/v1/transfers", "What went outside the EEA by a mechanism that was annulled: counts.",
        TransfersAsked, TransfersShape, about_parties.transfers_counts, about_parties.look_at_transfers,
    ),
    Question(
        "transfers-persons", "POST", "/v1/transfers/persons", "The persons of it, by pseudonym, party and span.",
        TransfersPersonsAsked, TransferredShape, about_parties.transfers_persons, about_parties.look_at_transfers,
        listed=True, paged=True,
    ),
    Question(
        "recall", "POST", "/v1/recall", "Who bought a product that is recalled, and how they can be warned: counts.",
        RecallAsked, RecallShape, about_persons.recall_counts, about_persons.look_at_product,
    ),
    Question(
        "recall-persons", "POST", "/v1/recall/persons", "The buyers of it, by pseudonym.",
        RecallPersonsAsked, BuyerShape, about_persons.recall_persons, about_persons.look_at_product,
        listed=True, paged=True,
    ),
)  # fmt: skip
