"""The questions that can be asked, as one table: address, what is given, who it is about, how it is answered."""

from console.api import about_cases, about_flows, about_persons
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
    PersonCasesAsked,
    ReachedAsked,
    ReachedPersonsAsked,
    RecallAsked,
    RecallPersonsAsked,
    RecordAsked,
    WhereAsked,
)
from console.api.case_answers import CaseRowShape, CaseShape, PersonCaseShape
from console.api.drift_answers import DriftShape
from console.api.record_answers import RecordShape

QUESTIONS: tuple[Question, ...] = (
    Question(
        "parties", "GET", "/v1/parties", "The parties of the register, with what each got and passed on.",
        AsOf, PartyShape, about_flows.parties, listed=True,
    ),
    Question(
        "sharing", "GET", "/v1/sharing", "The whole sharing graph, also as of an earlier time.",
        AsOf, SharingShape, about_flows.sharing_graph,
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
        "record", "GET", "/v1/record", "The record of processing activities, declared and observed.",
        RecordAsked, RecordShape, about_flows.record,
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
        "where", "POST", "/v1/where", "Where one person's data is.",
        WhereAsked, WhereShape, about_persons.where_is, about_persons.look_at_person,
    ),
    Question(
        "person-cases", "POST", "/v1/person/cases", "One person's cases and how they stand, also what was refused and why.",
        PersonCasesAsked, PersonCaseShape, about_cases.cases_of_person, about_persons.look_at_person, listed=True,
    ),
    Question(
        "reached", "POST", "/v1/reached", "Whose data a party had in an interval and may still have: counts.",
        ReachedAsked, ReachedShape, about_persons.reached_counts, about_persons.look_at_party,
    ),
    Question(
        "reached-persons", "POST", "/v1/reached/persons", "The persons of it, by pseudonym.",
        ReachedPersonsAsked, ReachedPersonShape, about_persons.reached_persons, about_persons.look_at_party,
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
