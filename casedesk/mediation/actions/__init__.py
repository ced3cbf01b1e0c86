"""The verbs of the room, each `verb(session, command, *, actor, now)`; the table of rules.states says who may when.

asking: request_mediation, name_representative, complete_file, supply_fact
appointing: propose_mediator, appoint, recuse, recheck_neutrality, change_mediator
admitting: admit, decline, notify, extend
hearing: add_point, state, restate, answer_restatement, ask_document, add_document, write_message
proposing: propose, answer_proposal, expire_proposal
offering: open_offers, offer_blind
settling: conclude (both accepted: agreement, tasks, the decision on the case), fulfil, report_breach
ending: withdraw, close_with_opinion, lapse
"""
