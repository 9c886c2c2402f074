"""The words that ticketing systems use, in the languages of the Nordic countries and English.

A profile's own value map comes first. For states an unknown word is refused, for it might be a reservation; for the
others it becomes `other` or `unknown`.
"""

import re

STATES = {
    "paid": "paid betalt solgt sold ok complete completed fullført gjennomført active aktiv valid gyldig confirmed "
    "bekreftet settled p success betald såld købt bekræftet bekräftad bezahlt verkauft bestätigt",
    "returned": "returned returnert refunded refundert tilbakebetalt retur refund return återbetald returnerad "
    "refunderet returneret tilbagebetalt erstattet zurückgegeben",
    "cancelled": "cancelled canceled kansellert avbestilt avlyst annullert void voided makulert slettet avbokad "
    "avbeställd inställd makulerad annulleret aflyst afbestilt storniert storno abgesagt",
    "reserved": "reserved reservert reservasjon hold held blocked blokkert pending avventer venter unpaid ubetalt "
    "expired utløpt open åpen kladd draft reserverad reserveret reservation obetald blockerad väntande reserviert "
    "unbezahlt offen gesperrt",
}

CHANNELS = {
    "web": "web nett nettsalg nettbutikk online internet internett webshop pretixpos.web widget hjemmeside nätet "
    "webbshop hjemmesiden onlineshop",
    "box_office": "box_office boxoffice box office billettluke billettluka luke luka kasse billettkontor pos skranke "
    "dør door resepsjon kassa biljettkassa biljettlucka billetkontor billetluge abendkasse theaterkasse",
    "phone": "phone telefon tlf telephone telefonsalg telefonbestilling",
    "app": "app mobil mobile",
    "partner": "partner api reseller forhandler agent videresalg turistkontor turistkontoret",
    "other": "other annet andre import",
}

GENDERS = {
    "female": "female f k kvinne woman jente kvinna kvinde w weiblich frau 2",
    "male": "male m mann man gutt mand männlich 1",
    "other": "other annet x ikke-binær nonbinary non-binary 3",
    "unknown": "unknown ukjent u 0 9",
}

_CATEGORY_PATTERNS: tuple[tuple[str, str], ...] = (
    (
        "complimentary",
        r"fribillett|friplass|gratis|kompliment|\bcomp\b|complimentary|\bfree\b|ledsage|gjestebillett|gæstebillet|"
        r"fribiljett|fribillet|freikarte|begleitperson",
    ),
    ("school", r"skole|school|skola|schule|schüler|elev|barnehage|dks\b|klasse"),
    ("student", r"student|stud\b"),
    ("child", r"barn|child|\bkid|børn|kinder|\bkind\b|unge under"),
    ("youth", r"ungdom|youth|\bung\b|under (26|30)|\bu ?(26|30)\b"),
    ("senior", r"honnør|senior|pensjonist|pensionist|pensionär|pensioner|rentner|67\+"),
    (
        "subscription",
        r"abonnement|sesongkort|säsongskort|sæsonkort|subscription|season|årskort|jahreskarte|festivalpass|dagspass|\bpass\b",
    ),
    ("group", r"gruppe|group|firma"),
    ("member", r"medlem|member|venneforening|klubb"),
    (
        "discount",
        r"rabatt|discount|tilbud|redusert|reducerat|reduced|ermäßigt|ermässigt|kampanje|early ?bird|last ?minute|"
        r"sista minuten",
    ),
    ("ordinary", r"ordinær|ordinar|voksen|adult|erwachsen|ordinary|normal|standard|fullpris|vuxen|regular|billett\b"),
)
_CATEGORIES = tuple((category, re.compile(pattern)) for category, pattern in _CATEGORY_PATTERNS)


def lookup(vocabulary: dict[str, str]) -> dict[str, str]:
    """From every word of a vocabulary to its meaning. An underscore there stands between the words of a phrase too."""
    return {
        spelt: meaning
        for meaning, words in vocabulary.items()
        for word in (*words.split(), meaning)
        for spelt in (word, word.replace("_", " "))
    }


def category_of(ticket_type: str) -> str:
    """The category of a ticket type as sold, by the first pattern that it contains; `other` where none does."""
    text = ticket_type.casefold()
    return next((category for category, pattern in _CATEGORIES if pattern.search(text)), "other")


TOTALS = (
    r"(?:del|dag|dags|total|grand|sub|slutt|slut)?[- ]?(?:sum|summa|summe|total|totalt|totals)(?:sum)?(?: .*)?:?"
    r"|i alt:?|gesamt:?|zwischensumme:?|sum total:?"
)
"""A pattern of what stands where an order's number should, in rows of totals, in small letters."""

LETTERS_OF_TOTALS = "ut"
"""Each of these words has one of these letters."""
