"""The rules of escalation that a house usually starts with. A person sets them and then owns them."""

from casedesk.cases.commands import SetRule

USUAL = (
    SetRule("Decision is late", "Décision en retard", "clock_breached", "team-lead", clock="decide"),
    SetRule(
        "Decision late by a working day",
        "Décision en retard d’un jour ouvré",
        "clock_breached",
        "manager",
        clock="decide",
        minutes=540,
    ),
    SetRule("Not taken up in time", "Pas repris à temps", "clock_breached", "manager", clock="acknowledge"),
    SetRule(
        "Refund by law is late",
        "Remboursement légal en retard",
        "clock_breached",
        "manager",
        clock="statutory",
    ),
    SetRule("Large sum", "Somme importante", "amount_above", "team-lead", amount_minor=60_000),
    SetRule(
        "A person must judge, large sum",
        "À trancher par une personne, somme importante",
        "verdict_in_doubt",
        "team-lead",
        amount_minor=30_000,
    ),
    SetRule(
        "Fourth contact on the same matter",
        "Quatrième contact sur la même affaire",
        "second_contact",
        "team-lead",
        times=4,
    ),
    SetRule("Asks for a superior", "Demande un responsable", "words", "team-lead", words="superior"),
    SetRule("Lawyer or court", "Avocat ou tribunal", "words", "manager", words="lawyer"),
    SetRule(
        "Regulator or consumer body",
        "Autorité ou association de consommateurs",
        "words",
        "manager",
        words="regulator",
    ),
    SetRule(
        "Threat of a chargeback", "Menace de contestation bancaire", "words", "team-lead", words="chargeback"
    ),
    SetRule("Vulnerable customer", "Client vulnérable", "vulnerable", "team-lead"),
    SetRule(
        "Exception was refused", "Exception refusée", "exception_refused", "manager", amount_minor=20_000
    ),
)
