"""How a message comes and goes: mail, phone, chat, letter, portal, meeting. Knows nothing of cases."""
