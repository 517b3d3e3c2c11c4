from enum import StrEnum


class Labelled(StrEnum):
    """Words that are stored, each with the words that are shown."""

    label: str

    def __new__(cls, value: str, label: str) -> "Labelled":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(str(member.value), member.label) for member in cls]


class Role(Labelled):
    """The roles a seat, an office or a post can carry; roles.yaml says what each is for."""

    PARTNER = "partner", "Partner"
    DATA_PROVIDER = "data_provider", "Data provider"
    ANALYST = "analyst", "Analyst"
    DISTRICT_OFFICER = "district_officer", "District officer"
    COUNTY_TEAM = "county_team", "County team"
    BODY_MEMBER = "body_member", "Member of a body"
    CHAIR = "chair", "Chair"
    POLICING_BODY = "policing_body", "Policing body's office"
    SCRUTINY = "scrutiny", "Scrutiny"
    CASE_PANEL_MEMBER = "case_panel_member", "Case panel member"
    ADMINISTRATOR = "administrator", "Administrator"


class Capability(Labelled):
    """Everything a person may be allowed to do, as a sentence ends: may this person …"""

    VIEW = "view", "see it"
    EDIT_PARTNERSHIP = "edit_partnership", "change organisations, bodies, plans and legislation"
    MANAGE_SEATS = "manage_seats", "fill and end seats, offices and posts"
    GIVE_RESERVED_ROLES = "give_reserved_roles", "make somebody county team or administrator"
    LOAD_AREAS = "load_areas", "load areas"
    READ_AUDIT = "read_audit", "read the audit trail"
    DRAFT_SHARING_AGREEMENT = "draft_sharing_agreement", "change an information sharing agreement"
    SIGN_SHARING_AGREEMENT = "sign_sharing_agreement", "sign for an organisation"
    SUBMIT_DATA = "submit_data", "send a file of data for an organisation"
    MANAGE_KEYS = "manage_keys", "make and revoke the keys of an organisation’s machines"
    MANAGE_FEEDS = "manage_feeds", "say where data is fetched from, and when"
    READ_RETURNED_ROWS = "read_returned_rows", "read the rows that came back"
    UNDO_SUBMISSION = "undo_submission", "undo a submission"
    AGREE_TO_RETURN = "agree_to_return", "agree that a checked file counts"
    DISCUSS_RETURN = "discuss_return", "ask and answer about a return"
    RESOLVE_QUESTION = "resolve_question", "settle a question about a return"
    WRITE_CAVEAT = "write_caveat", "say what every answer of a dataset repeats"
    SET_APPROVALS = "set_approvals", "say who agrees to a file before it counts"
    SEE_RETURNS = "see_returns", "see which returns an organisation owes and has sent"
    RUN_RETURN_CALENDAR = "run_return_calendar", "ask for returns, give more time and remind"
    MAKE_CONTRACT = "make_contract", "make a contract from a sample, and put it in use"
    KEEP_DATA = "keep_data", "delete what is past its time, and hold what must stay"
    SEE_DATA_USE = "see_data_use", "see who used an organisation’s data"
    REQUEST_DATA = "request_data", "ask an organisation for its data"
    DECIDE_DATA_REQUEST = "decide_data_request", "decide a request for data"
    ASK = "ask", "ask questions of the data"
    SEE_AUDIENCES = "see_audiences", "see what each audience sees of a table"
    SAVE_FINDING = "save_finding", "save a Finding"
    SETTLE_SIGNAL = "settle_signal", "dismiss an emerging issue or bring it in as a Finding"
    LOAD_WEIGHTS = "load_weights", "load a table of harm weights"
    KEEP_QUESTION = "keep_question", "save a question of the data and share it"
    SUBSCRIBE = "subscribe", "be told by e-mail when something changes"
    WRITE_ASSESSMENT = "write_assessment", "write a strategic assessment"
    SIGN_OFF_ASSESSMENT = "sign_off_assessment", "sign off a strategic assessment"
    CHASE = "chase", "chase a late return or assessment"
    RUN_CYCLES = "run_cycles", "open and close a cycle of assessments"
    SEE_ROLL_UP = "see_roll_up", "see the county roll-up"
    DRAFT_AGREEMENT = "draft_agreement", "draft the Community Safety Agreement"
    PROPOSE_CHANGE = "propose_change", "propose a change of priority"
    PUBLISH_AGREEMENT = "publish_agreement", "publish the Community Safety Agreement"
