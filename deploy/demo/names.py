"""Names to invent people and productions from. None of them belongs to anybody in particular."""

_FEMALE = (
    "Anne Ingrid Kari Liv Astrid Solveig Bjørg Inger Gerd Marit Randi Berit Turid Unni Grete Hilde Siri Ragnhild "
    "Åse Åshild Sissel Tone Trine Hege Monica Camilla Silje Ida Nora Emma Sofie Thea Maja Ella Olivia Frida Tuva "
    "Synnøve Gunnhild Målfrid Torhild Oddny Eldbjørg Jorunn Mette Ellen Elisabeth Marianne Heidi Kristin Linda "
    "Stine Guro Mari Vilde Selma Amalie Aurora Jenny Sunniva Sølvi Anne-Lise Ann-Kristin Inger-Johanne Rønnaug "
    "Fatima Amina Katarzyna Agnieszka Linh Olena"
)
FEMALE = tuple(_FEMALE.split())

_MALE = (
    "Jan Per Bjørn Ole Lars Kjell Knut Svein Arne Harald Geir Terje Odd Leif Håkon Øyvind Øystein Åge Pål Gøran "
    "Jørgen Jørn Asbjørn Torbjørn Sigbjørn Bård Stål Trond Rune Frode Morten Espen Tore Stian Kristian Magnus "
    "Henrik Sander Jonas Emil Lukas Oskar Jakob Filip Noah Aksel Ludvig Sverre Olav Einar Gunnar Reidar Oddvar "
    "Ingvar Dagfinn Steinar Vidar Eirik Vegard Sindre Iver Tormod Magne Nils-Petter Karl-Johan Jan-Erik Mohammed "
    "Ali Piotr Tomasz Minh Yusuf"
)
MALE = tuple(_MALE.split())

_LAST = (
    "Hansen Johansen Olsen Larsen Andersen Pedersen Nilsen Kristiansen Jensen Karlsen Berg Haugen Hagen Dahl Lund "
    "Bakke Moen Strand Solberg Lie Lien Rønning Ødegård Ødegaard Bråten Brekke Sæther Sætre Myhre Nygård Bøe Bø "
    "Kvåle Kråkenes Fjæreide Hæreid Tveit Tysse Aasen Åsen Ås Sørensen Jørgensen Løkken Løvås Grønnevik Røed Næss "
    "Nesse Straume Vik Viken Eide Eikeland Fossum Gjerde Hauge Helland Hovland Iversen Isaksen Jacobsen Knutsen "
    "Langeland Mikkelsen Myklebust Nordgård Opheim Prestegård Rasmussen Sandvik Skår Skjæveland Steinsvåg Sunde "
    "Thorsen Torgersen Ulvik Valestrand Vågen Voll Wiik Østby Øvrebø Ågotnes Årdal Nguyen Ahmed Kowalski Nowak "
    "Ivanova Hussain"
)
LAST = tuple(_LAST.split())

PRODUCTIONS = (
    ("Et dukkehjem", "Drama"),
    ("Vildanden", "Drama"),
    ("Peer Gynt", "Drama"),
    ("Hedda Gabler", "Drama"),
    ("Fruen fra havet", "Drama"),
    ("Gengangere", "Drama"),
    ("Jeppe på Bjerget", "Komedie"),
    ("Den stundesløse", "Komedie"),
    ("Erasmus Montanus", "Komedie"),
    ("En midtsommernattsdrøm", "Komedie"),
    ("Som dere vil", "Komedie"),
    ("Hamlet", "Drama"),
    ("Kirsebærhaven", "Drama"),
    ("Måken", "Drama"),
    ("Tre søstre", "Drama"),
    ("Snødronningen", "Familie"),
    ("Askeladden og de gode hjelperne", "Familie"),
    ("Reisen til julestjernen", "Familie"),
    ("Østenfor sol og vestenfor måne", "Familie"),
    ("Fjordens sanger", "Musikkteater"),
    ("Øyfolket", "Musikkteater"),
    ("Lyset i fyret", "Musikkteater"),
    ("Kroppens hus", "Dans"),
    ("Fløyt før du går", "Komedie"),
)
"""Titles, of works in the public domain or invented, with the genre."""


def ascii_name(name: str) -> str:
    """A name as it stands in an address: small letters, no æøå."""
    table = str.maketrans({"æ": "ae", "ø": "o", "å": "a", " ": ".", "-": ""})
    return name.casefold().translate(table)
