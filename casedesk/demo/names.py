"""People, towns and addresses that the customers of the demo have."""

import random

from casedesk.customers.folding import key

FIRST = {
    "FR": ["Camille", "Léa", "Hugo", "Inaya", "Théo", "Manon", "Lucas", "Chloé", "Nathan", "Jade", "Louise", "Gabriel", "Alice", "Raphaël", "Lina", "Jules", "Ambre", "Adam", "Rose", "Maël", "Anna", "Sacha", "Mila", "Noé", "Juliette", "Ethan", "Zoé", "Yanis", "Éléna", "Victor", "Agathe", "Malo", "Capucine", "Timothée", "Romane", "Bastien", "Apolline", "Kévin", "Ophélie", "Grégoire", "Fatoumata", "Amadou", "Yasmine", "Karim", "Ingrid", "Anh", "Mathilde", "Étienne", "Solveig", "Perrine", "Dounia", "Hervé", "Anne-Sophie", "Jean-Baptiste", "Marie-Laure", "Élodie", "Cédric", "Gaëlle", "Loïc", "Maïwenn"],
    "GB": ["Oliver", "Amelia", "George", "Isla", "Harry", "Ava", "Noah", "Mia", "Jack", "Ivy", "Leo", "Lily", "Arthur", "Freya", "Muhammad", "Florence", "Oscar", "Willow", "Charlie", "Rosie", "Jacob", "Evie", "Thomas", "Grace", "Henry", "Poppy", "Alfie", "Charlotte", "Theo", "Evelyn", "Siobhán", "Callum", "Priya", "Arjun", "Zara", "Imran", "Niamh", "Rhys", "Cerys", "Ewan", "Catriona", "Kwame", "Abena", "Łukasz", "Agnieszka", "Declan", "Saoirse", "Bronwen", "Tamsin", "Rupert"],
}
LAST = {
    "FR": ["Martin", "Bernard", "Dubois", "Thomas", "Robert", "Richard", "Petit", "Durand", "Leroy", "Moreau", "Simon", "Laurent", "Lefebvre", "Michel", "Garcia", "David", "Bertrand", "Roux", "Vincent", "Fournier", "Morel", "Girard", "André", "Mercier", "Dupont", "Lambert", "Bonnet", "François", "Martinez", "Legrand", "Garnier", "Faure", "Rousseau", "Blanc", "Guérin", "Muller", "Henry", "Roussel", "Nicolas", "Perrin", "Morin", "Mathieu", "Clément", "Gauthier", "Dumont", "Lopez", "Fontaine", "Chevalier", "Robin", "Masson", "Sanchez", "Gérard", "Nguyên", "Boyer", "Denis", "Lemaire", "Duval", "Joly", "Gautier", "Roger", "Roche", "Roy", "Noël", "Meyer", "Lucas", "Meunier", "Jean", "Pérez", "Marchand", "Dufour", "Blanchard", "Barbier", "Brun", "Dumas", "Brunet", "Schmitt", "Leroux", "Colas", "Fernandez", "Diallo", "Traoré", "Benali", "Haddad", "Vandenbroucke", "Delattre", "Le\xa0Goff", "Kerviel", "Étchegaray", "Brousseau", "Pasquier", "Vasseur", "Thibaudeau", "Peeters", "Maes", "Cohen", "Abitbol", "Da\xa0Silva", "Pereira", "Kowalczyk", "Sørensen"],
    "GB": ["Smith", "Jones", "Taylor", "Brown", "Williams", "Wilson", "Johnson", "Davies", "Patel", "Robinson", "Wright", "Thompson", "Evans", "Walker", "White", "Roberts", "Green", "Hall", "Thomas", "Clarke", "Jackson", "Wood", "Harris", "Edwards", "Turner", "Martin", "Cooper", "Hill", "Ward", "Hughes", "Moore", "Clark", "King", "Harrison", "Lewis", "Baker", "Lee", "Allen", "Morris", "Khan", "Scott", "Watson", "Davis", "Parker", "James", "Bennett", "Young", "Phillips", "Richardson", "Mitchell", "Bailey", "Carter", "Cook", "Singh", "Shaw", "Bell", "Collins", "Morgan", "Kelly", "Begum", "Miller", "Cox", "Hussain", "Marshall", "Simpson", "Price", "Anderson", "Adams", "Wilkinson", "Foster", "Ellis", "Murphy", "Chapman", "Mason", "Gray", "Owusu", "Okafor", "Nowak", "O’Sullivan", "MacLeod", "Fitzgerald", "Achterberg", "Penhaligon"],
}
TOWNS = {
    "FR": (
        ("Lille", "59000"),
        ("Roubaix", "59100"),
        ("Paris", "75012"),
        ("Lyon", "69007"),
        ("Toulouse", "31300"),
        ("Nantes", "44000"),
        ("Villeurbanne", "69100"),
        ("Montreuil", "93100"),
        ("Tourcoing", "59200"),
        ("Blagnac", "31700"),
    ),
    "GB": (
        ("Leeds", "LS6 2AB"),
        ("Bristol", "BS3 4QT"),
        ("Manchester", "M14 5LH"),
        ("Sheffield", "S7 1GB"),
        ("Bradford", "BD9 4JN"),
        ("Stockport", "SK4 2HD"),
        ("Bath", "BA2 3PL"),
    ),
}
_STREETS = {
    "FR": (
        "rue du Faubourg-de-Roubaix",
        "rue Gambetta",
        "avenue Jean-Jaurès",
        "rue des Lilas",
        "boulevard Victor-Hugo",
        "impasse du Moulin",
        "rue de la République",
        "chemin des Écoliers",
        "place Carnot",
        "rue Nationale",
    ),
    "GB": (
        "High Street",
        "Station Road",
        "Church Lane",
        "Victoria Terrace",
        "Mill Lane",
        "Queen’s Road",
        "Albert Street",
        "The Crescent",
    ),
}
_MAIL = {
    "FR": ("courrier.example", "boite.example", "messagerie.example", "poste.example"),
    "GB": ("mailbox.example", "post.example", "inbox.example"),
}


class Crowd:
    """New people, no name twice."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.known: set[str] = set()

    def name(self, country: str) -> str:
        while True:
            last = self.rng.choice(LAST[country])
            if self.rng.random() < 0.09:
                last = f"{last}-{self.rng.choice(LAST[country])}"
            name = f"{self.rng.choice(FIRST[country])} {last}".replace("\u00a0", " ")
            if name not in self.known:
                self.known.add(name)
                return name

    def mail(self, name: str, country: str) -> str:
        bare = "".join(c if c.isalnum() else "." for c in key(name).replace("’", "").replace("-", ".")).strip(
            "."
        )
        return f"{bare}@{self.rng.choice(_MAIL[country])}"

    def phone(self, country: str) -> str:
        digits = "".join(str(self.rng.randrange(10)) for _ in range(6))
        if country == "FR":
            return f"+33 6 39 98 {digits[:2]} {digits[2:4]}"
        return f"+44 7700 900{digits[:3]}"

    def home(self, country: str) -> tuple[str, str]:
        """Address and town."""
        town, code = self.rng.choice(TOWNS[country])
        number, street = self.rng.randint(1, 140), self.rng.choice(_STREETS[country])
        if country == "FR":
            return f"{number}, {street}\n{code} {town}", town
        return f"{number} {street}\n{town} {code}", town
