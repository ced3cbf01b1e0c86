"""What a case may be and become: kinds, statuses, stages, outcomes, and who may make which change."""

KINDS = ("refund", "cancellation", "dispute", "chargeback")
STATUSES = ("open", "waiting-customer", "waiting-third-party", "waiting-approval", "decided", "closed")
STAGES = ("intake", "desk", "team-lead", "manager", "mediation", "outside-body")
OUTCOMES = ("granted", "partly-granted", "refused", "withdrawn", "settled", "no-answer", "duplicate")
CHANNELS = ("mail", "phone", "chat", "letter", "portal", "meeting")
ACTS = (
    "withdrawal",
    "termination",
    "refund_request",
    "written_complaint",
    "proof",
    "offer",
    "acceptance",
    "information",
)
GRADES = ("ordinary", "medical", "identity")
EFFECTS = ("keep", "end_now", "end_at_period_end")
