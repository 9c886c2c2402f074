"""An institution's own genre, in the catalogue's closed list.

Genres are free text in bokmål, nynorsk or English, and often several of them stand in one field ("Musikal, familie").
A genre is known by its words: the first rule that knows one of them decides, so what says more of a performance stands
before what says less. A genre that no rule knows is `other` ("Konsert" alone does not say of what), none at all
`unknown`.
"""

import re
from itertools import pairwise

from privacy.catalogue.dimensions import GENRE, UNKNOWN

OTHER = "other"

RULES: tuple[tuple[str, str], ...] = (
    (
        "family",
        "barn barna barne- -barn familie- familien family child- kids junior dukke- figurteater puppet- ungdoms- "
        "ungdom eventyr- fairytale- småbarn-",
    ),
    (
        "festival",
        "festival- -festival -festivalen festivals festspill- festspel-",
    ),
    (
        "musical",
        "musikal- -musikal -musikalen musical-",
    ),
    (
        "opera",
        "opera -opera operaen operaer opera- operette- operetta- zarzuela singspiel",
    ),
    (
        "comedy",
        "standup- humor- -humor komedie- -komedie komikar- komiker- comedy comedies comedian- impro improvisasjon- "
        "improteater- revy- -revy revue kabaret- cabaret",
    ),
    (
        "dance",
        "dans danse dansen -dans danseteater- danseforestilling- danseframsyning- dansegalla- danseshow- dance "
        "dancing ballett- ballet- -ballett -ballet koreografi- choreograph- flamenco tango",
    ),
    (
        "jazz-folk",
        "jazz- -jazz folkemusikk- folkmusic folk visesang visekonsert- viser vise- trad joik- worldmusic "
        "verdensmusikk- verdsmusikk- blues- bluegrass- storband- bigband-",
    ),
    (
        "classical",
        "klassisk- classical symfoni- symphon- orkester- -orkester orchestr- kammermusikk- kammer- chamber- kor "
        "kora koret -kor korkonsert- korsong- korsang- choir- choral- filharmoni- philharmon- orgel- organ barokk- "
        "baroque resital- recital- strykekvartett- samtidsmusikk- kirkemusikk- kyrkjemusikk- korps- -korps "
        "brassband-",
    ),
    (
        "popular-music",
        "pop popmusikk- popkonsert- poprock- rock- -rock metal- metall punk- hiphop- rap gospel- elektronika "
        "electronic- elektronisk- electronica techno country- soul funk rnb indie- dj klubb- danseband- dansband- "
        "singersongwriter låtskriver- tribute- showband-",
    ),
    (
        "film",
        "film- -film filmen kino- -kino cinema- movie- screening-",
    ),
    (
        "theatre",
        "teater- -teater -teateret -teatret teatre -teatre theatre- theater- skuespill- skodespel- spel drama- play "
        "plays scenekunst- performingarts performance- monolog- klassiker- tragedie- tragedy",
    ),
    (
        "exhibition",
        "utstilling- -utstilling -utstillinger exhibition- exhibit- museum- -museum omvisning- omvising- -omvisning "
        "guidedtour- galleri- gallery kunst- -kunst visualart- art arts samling- collection-",
    ),
)
"""Category and words. A hyphen says that a word may go on there: "teater-" is also in "teaterkonsert"."""


def harmonised(genre: str | None) -> str:
    """The category of GENRE for a genre as an institution names it."""
    text = (genre or "").strip().casefold()
    if not text or text == UNKNOWN:
        return UNKNOWN
    if text in GENRE.categories:
        return text
    words = re.findall(r"[^\W\d_]+", text)
    pairs = [first + second for first, second in pairwise(words)]  # stand-up, hip hop, guided tour
    candidates = words + pairs
    return next((category for category, known in _PATTERNS if any(map(known.fullmatch, candidates))), OTHER)


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word).replace(r"\-", r"\w*") for word in words.split()))


_PATTERNS = [(category, _pattern(words)) for category, words in RULES]
