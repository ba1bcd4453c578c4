"""Make the name tables of `framing.names`.

``python training/train_speakers.py --corpora DIR --names DIR`` where ``--names`` holds the files
``dist.male.first``, ``dist.female.first`` and ``dist.all.last`` of the US Census of 1990 (the package
``names`` carries them).

Given names with their usual gender and surnames come from the census and from the lists below; places and
bodies from the lists below; ordinary words, and people whose type news keeps stating, from unlabelled
articles: "Gov. Ada Lund" in three of them makes "ada lund" official, by the rules of `framing.roles`.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from common import MODELS, write_card
from framing.datasets import (
    load_basil,
    load_narrative_frames,
    load_newsdiscourse,
    load_polnear,
    load_semeval2023_task3,
    load_sources,
)
from framing.metrics import speaker_accuracy
from framing.names import gazetteer
from framing.persistence import save_model
from framing.roles import stated_types
from framing.speakers import SourceReading, read_sources

VERSION = "1"
OFTEN = 0.004  # per cent of bearers; rarer given names are rarely in the news
OFTEN_THOUGH_PLACE = 0.03  # "Virginia" is a given name, "Paris" a place
ONE_GENDER = 8.0  # times as frequent for one gender as for the other
SURNAMES = 20_000
SEEN_IN = 3  # articles that must state a name's type
FAMOUS_IN = 6  # articles that must name somebody in full whom others may call by surname alone
ORDINARY_IN = 15  # articles
AGREED = 0.7  # share of them that must state the same

# Given names in the census that are mostly something else in the news.
NOT_GIVEN = "black dean justice king major may prince sunday will august june march christian sterling chase"

# Given names of the news that the US census of 1990 does not list.
MALE = """
    aaron abdel abdul abdullah abu adnan ahmad ahmed ahmet alassane aleksandr alexander alexei ali aliaksandr
    alistair amir anders andrei andrej andrzej anil antonin antonis anwar ariel arkady arturo ashraf asif
    ashok bashar benyamin benjamin bernd binyamin bjorn barack beto boris boutros carles christoph cyril daniil
    davit deng dieter dmitri dmitry dominik edouard ehud eduard emmanuel emmerson enrico enrique
    evo ferdinand francois franz friedrich gennady gerhard gianni giuseppe goran graeme guillaume gunther
    hamid hans hassan heinrich helmut henrik hosni hugo hussein ibrahim igor ilya imran isaac ismail ivan
    jacob jaime jair jan janez janos jared jean jeroen jerome joao jochen joerg johann jonas jonathan
    jorg jose josef joseph juan jurgen kamal kareem karim kemal khaled khalid kiril klaus kofi konstantin
    kwame lars laurent leonid lionel luca luis luiz maarten mahathir mahmoud manmohan manuel marek mario
    mariusz marwan massimo mateusz mathias matteo mattias mauricio mehmet mikhail mikheil milos mohamed
    mohammad mohammed muammar muhammad murat mustafa najib narendra nawaz nicolas nikita nikolai nikos
    nouri olaf oleg oleksandr omar osama pascal pavel pedro petr petro philippe pierre piotr prakash
    qassem radek rafael rahm rahul raj rajiv ramzan rashid recep reza ricardo robbie roberto rodrigo roman
    salman salvatore sanjay santiago sebastian serge sergei sergey shimon shinzo silvio slobodan stefan
    stefano stephane sven takeshi tariq tayyip thabo thierry thorsten tomas tomasz ulrich umar usman
    vaclav viktor vikram vitaly vladimir volodymyr walid werner wolfgang xavier yair yasser yitzhak yuri
    yusuf zbigniew zeid zoran
"""
FEMALE = """
    aisha alexandra alexandria amal amina amira ana anastasia andrea angela anna anja annegret anneliese
    annika asma beata benazir birgit brigitte carla catalina chiara christiane claudia dalia dilma
    ekaterina elena elif emine emmanuelle ewa fatima fatou federica francoise franziska frauke gabriela
    galina geneviève giorgia giulia gro hanan hanna heidi helle hillary huma ilhan indira ines ingrid
    inna ioana irina isabel isabella jacinda jadranka jana joanna johanna jutta kamala karin katarina
    katharina katja kellyanne kersti khadija kirsten kolinda kristalina ksenia laila larysa leila ludmila
    magdalena mairead malala manuela marie marieke marina marine marta mary masha meghan melania mette
    michelle mireille monika nadia najat naomi natalia nicola nikki nina ngozi oksana olga paola
    patrizia petra priti priya raisa rania rashida regina rima sabine safiya saoirse segolene sheryl
    sigrid silvia simone sofia sonia soraya svetlana tamar tatiana theresa ulla ursula usha valentina
    vera veronique vigdis viktoria winnie xiomara yekaterina yulia zainab zeinab zuzana
"""
COUNTRIES = """
    afghanistan; albania; algeria; america; andorra; angola; argentina; armenia; australia; austria;
    azerbaijan; bahamas; bahrain; bangladesh; barbados; belarus; belgium; belize; benin; bhutan; bolivia;
    bosnia; botswana; brazil; britain; brunei; bulgaria; burkina faso; burma; burundi; cambodia; cameroon;
    canada; cape verde; chad; chile; china; colombia; comoros; congo; costa rica; croatia; cuba; cyprus;
    czech republic; denmark; djibouti; dominican republic; east timor; ecuador; egypt; el salvador; england;
    eritrea; estonia; ethiopia; europe; fiji; finland; france; gabon; gambia; gaza; germany; ghana;
    great britain; greece; greenland; grenada; guatemala; guinea; guyana; haiti; honduras; hong kong;
    hungary; iceland; india; indonesia; iran; iraq; ireland; israel; italy; ivory coast; jamaica; japan;
    jordan; kazakhstan; kenya; kosovo; kuwait; kyrgyzstan; laos; latvia; lebanon; lesotho; liberia; libya;
    liechtenstein; lithuania; luxembourg; macedonia; madagascar; malawi; malaysia; maldives; mali; malta;
    mauritania; mauritius; mexico; moldova; monaco; mongolia; montenegro; morocco; mozambique; myanmar;
    namibia; nepal; netherlands; new zealand; nicaragua; niger; nigeria; north korea; northern ireland;
    norway; oman; pakistan; palestine; panama; papua new guinea; paraguay; peru; philippines; poland;
    portugal; puerto rico; qatar; romania; russia; rwanda; saudi arabia; scotland; senegal; serbia;
    sierra leone; singapore; slovakia; slovenia; somalia; south africa; south korea; south sudan;
    soviet union; spain; sri lanka; sudan; suriname; sweden; switzerland; syria; taiwan; tajikistan;
    tanzania; thailand; togo; tunisia; turkey; turkmenistan; u.k.; u.s.; uganda; ukraine;
    united arab emirates; united kingdom; united states; united states of america; uruguay; us; uk;
    uzbekistan; vatican; venezuela; vietnam; wales; yemen; zambia; zimbabwe; africa; asia; latin america;
    middle east; west bank; crimea; bosnia and herzegovina;
"""
STATES = """
    alabama; alaska; arizona; arkansas; california; colorado; connecticut; delaware; florida; georgia;
    hawaii; idaho; illinois; indiana; iowa; kansas; kentucky; louisiana; maine; maryland; massachusetts;
    michigan; minnesota; mississippi; missouri; montana; nebraska; nevada; new hampshire; new jersey;
    new mexico; new york; north carolina; north dakota; ohio; oklahoma; oregon; pennsylvania; rhode island;
    south carolina; south dakota; tennessee; texas; utah; vermont; virginia; washington; west virginia;
    wisconsin; wyoming; district of columbia; guam;
"""
CITIES = """
    new york city; los angeles; chicago; houston; phoenix; philadelphia; san antonio; san diego; dallas;
    austin; san jose; jacksonville; san francisco; columbus; fort worth; indianapolis; charlotte; seattle;
    denver; boston; el paso; detroit; nashville; memphis; portland; oklahoma city; las vegas; louisville;
    baltimore; milwaukee; albuquerque; tucson; fresno; sacramento; kansas city; mesa; atlanta; omaha;
    miami; oakland; minneapolis; tulsa; cleveland; new orleans; tampa; honolulu; pittsburgh; cincinnati;
    st. louis; orlando; buffalo; newark; salt lake city; birmingham; brooklyn; manhattan; bronx; queens;
    london; manchester; liverpool; glasgow; edinburgh; dublin; belfast; paris; marseille; brussels;
    amsterdam; rotterdam; the hague; berlin; munich; hamburg; frankfurt; vienna; zurich; geneva; rome;
    milan; naples; madrid; barcelona; lisbon; athens; istanbul; ankara; moscow; st. petersburg; kiev; kyiv;
    warsaw; prague; budapest; bucharest; sofia; belgrade; stockholm; oslo; copenhagen; helsinki; riga;
    vilnius; minsk; beijing; shanghai; tokyo; osaka; seoul; pyongyang; taipei; bangkok; hanoi; jakarta;
    manila; delhi; new delhi; mumbai; karachi; islamabad; lahore; kabul; tehran; baghdad; damascus; aleppo;
    beirut; jerusalem; tel aviv; cairo; tripoli; tunis; algiers; nairobi; lagos; abuja; accra;
    johannesburg; cape town; pretoria; harare; sydney; melbourne; canberra; auckland; wellington; toronto;
    montreal; ottawa; vancouver; mexico city; havana; bogota; caracas; lima; santiago; buenos aires;
    sao paulo; rio de janeiro; brasilia
"""
OUTLETS = """
    al arabiya; al jazeera; associated press; bild; bloomberg; breitbart; breitbart news; buzzfeed;
    buzzfeed news; c-span; citylab; corriere della sera; daily beast; daily caller; der spiegel;
    die zeit; drudge report; economist; el pais; esquire; factcheck.org; figaro; fivethirtyeight; forbes;
    fortune; fox; fox business; fox news; gawker; gizmodo; global times; gq; guardian; haaretz;
    huffington post; huffpost; independent; infowars; interfax; intercept; jezebel; kyodo; la repubblica;
    le figaro; le monde; meet the press; mother jones; ms. magazine; nation; national geographic;
    national public radio; national review; new republic; new york times; new yorker; newsmax; newsweek;
    nikkei; politifact; press tv; propublica; punditfact; quartz; realclearpolitics; ria novosti;
    roll call; rolling stone; salon; slate; sputnik; the atlantic; the hill; the intercept; time;
    usa today; us weekly; vanity fair; vice; vice news; vogue; vox; wikileaks; wired; wonkette; xinhua;
    yahoo news; yonhap; face the nation; 60 minutes; good morning america; morning joe
"""
THINK_TANKS = """
    american enterprise institute; atlantic council; brookings; brookings institution; capital economics;
    carnegie endowment; cato; cato institute; center for american progress; chatham house;
    committee for a responsible federal budget; council on foreign relations; economic policy institute;
    gallup; harris interactive; heritage; heritage foundation; hoover institution; ifo; ipsos;
    mathematica; norc; pew; pew research center; public policy polling; quinnipiac; quinnipiac university;
    rand; rand corporation; rasmussen; rasmussen reports; surveyusa; tax foundation; tax policy center;
    urban institute; yougov; zogby
"""
ORGANIZATIONS = """
    airbnb; al qaeda; al shabab; amazon; amnesty international; apple; black lives matter; boeing;
    boko haram; charles schwab; chevrolet; chrysler; common cause; disney; doctors without borders;
    ernst & young; exxon mobil; facebook; federal express; fiat; ford; ford motor company;
    friends of the earth; general electric; general motors; goldman sachs; google; greenpeace; hamas;
    hezbollah; honda; human rights watch; intel; islamic state; johnson & johnson; jpmorgan;
    jpmorgan chase; lehman brothers; lockheed martin; lyft; mastercard; mcdonald's; merrill lynch;
    microsoft; morgan stanley; mozilla; muslim brotherhood; netflix; nike; oxfam; paypal; pfizer;
    philip morris; planned parenthood; procter & gamble; red cross; samsung; shell; siemens; sierra club;
    sinn fein; sony; starbucks; taliban; target; tesla; toyota; twitter; uber; unilever; united way;
    verizon; visa; volkswagen; volvo; walmart; wells fargo; youtube
"""

DATA = [
    {"name": "US Census 1990, frequent given names", "licence": "public domain"},
    {"name": "PolNeAR 1.0, train (names only)", "licence": "none found"},
    {"name": "NewsDiscourse, train (names only)", "licence": "none found"},
    {"name": "BASIL (names only)", "licence": "none found"},
    {"name": "SemEval-2023 task 3, English (names only)", "licence": "research use; not redistributable"},
    {"name": "Narrative Frames (names only)", "licence": "repository MIT; texts third-party"},
]

SUMMARY = """\
Tables for reading who speaks: given names with their usual gender and surnames (US Census 1990, and a list
of names from world news), places, outlets, think tanks and companies chosen by hand, words that news often
writes in small letters, and people whose type news keeps stating, counted by the rules of `framing.roles`
over unlabelled articles."""
LIMITS = """\
English-language news of 2008 to 2019, mostly of the United States: who held office then is official here,
whatever became of it. What an article itself says of a person counts beside the table and usually more.
The scores are for the 24 articles of `sources`, which the rules were developed on, so expect less on new
ones: rules written with 13 of these articles in view read .68 of the speakers of the other 11 (types: macro-F1
.63, named: .81) before their errors were looked at. The labels come from one pass of a language model."""


def given_names(folder: Path) -> dict[str, str]:
    """Given names with their usual gender."""
    share: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for column, name in enumerate(("male", "female")):
        for line in (folder / f"dist.{name}.first").read_text(encoding="utf-8").splitlines():
            given, frequency = line.split()[:2]
            if float(frequency) >= OFTEN:
                share[given.lower()][column] = float(frequency)
    names = dict.fromkeys(FEMALE.split(), "f") | dict.fromkeys(MALE.split(), "m")
    for given, (male, female) in share.items():
        names[given] = "m" if male >= ONE_GENDER * female else "f" if female >= ONE_GENDER * male else ""
    for place in places():
        if max(share[place]) < OFTEN_THOUGH_PLACE:
            names.pop(place, None)
    for word in NOT_GIVEN.split():
        names.pop(word, None)
    return names


def places() -> dict[str, str]:
    """Countries, states and large cities."""
    return {
        " ".join(place.split()): sort
        for sort, listed in (("country", COUNTRIES), ("state", STATES), ("city", CITIES))
        for place in listed.split(";")
        if place.strip()
    }


def bodies() -> dict[str, str]:
    """Outlets, think tanks and other bodies whose names do not tell what they are."""
    return {
        " ".join(name.split()): kind
        for kind, listed in (("media", OUTLETS), ("expert", THINK_TANKS), ("organization", ORGANIZATIONS))
        for name in listed.split(";")
        if name.strip()
    }


def articles(corpora: Path) -> list[str]:
    """Distinct articles of the training parts."""
    texts = list(load_polnear(corpora / "polnear").texts)
    texts += load_newsdiscourse(corpora / "newsdiscourse").texts
    texts += load_semeval2023_task3(corpora / "semeval2023_task3").texts
    texts += load_narrative_frames(corpora / "narrative_frames").texts
    texts += load_basil(corpora / "basil").texts
    return list({text[:200]: text for text in texts}.values())


def known_people(texts: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """People's types that articles keep stating, and the given name that goes with a surname alone."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    bearers: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for name, kind in stated_types(text):
            kinds[name][kind] += 1
            given, _, last = name.partition(" ")
            bearers[last][given] += 1
    people = {}
    for name, counts in kinds.items():
        kind, times = counts.most_common(1)[0]
        if times >= SEEN_IN and times >= AGREED * counts.total():
            people[name] = kind
    surnames: dict[str, str] = {}
    for last, given_counts in bearers.items():
        given, times = given_counts.most_common(1)[0]
        famous = times >= FAMOUS_IN and times >= AGREED * given_counts.total()
        if given_counts.total() >= 2:
            surnames[last] = given if famous else ""
    return people, surnames


def ordinary_words(texts: Iterable[str]) -> dict[str, str]:
    """Words that are often written in small letters."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(re.findall(r"\b[a-z]{2,}\b", text)))
    return {word: "" for word, times in counts.items() if times >= ORDINARY_IN}


def blob(table: Mapping[str, str]) -> NDArray[np.uint8]:
    """A table as an array of bytes: a line for each key, a tab before its value."""
    lines = (f"{key}\t{value}" for key, value in sorted(table.items()))
    return np.frombuffer("\n".join(lines).encode("utf-8"), dtype=np.uint8)


def save(tables: Mapping[str, Mapping[str, str]], scores: dict[str, Any]) -> None:
    """Write the model folder and make this process read it anew."""
    save_model(
        MODELS / "speakers",
        {name: blob(table) for name, table in tables.items()},
        name="speakers",
        version=VERSION,
        licence="CC-BY-NC-SA-4.0",
        data=DATA,
        scores=scores,
        card=write_card("speakers", SUMMARY, DATA, scores, LIMITS),
    )
    gazetteer.cache_clear()


def evaluate(corpora: Path) -> dict[str, Any]:
    """Scores on the labelled articles."""
    sample = load_sources(corpora / "sources")
    gold: list[Mapping[str, Any]] = []
    read: list[SourceReading] = []
    for text, attributions in zip(sample.texts, sample.attributions, strict=True):
        gold += attributions
        read += read_sources(text, attributions)
    speaker = speaker_accuracy([row["speaker"] for row in gold], [one.speaker for one in read])
    named = [row["named"] == one.named for row, one in zip(gold, read, strict=True)]
    types = [row["source_type"] for row in gold], [one.source_type for one in read]
    return {
        "attributions": len(gold),
        "speaker": round(speaker, 3),
        "source_type_accuracy": round(float(np.mean(np.equal(*types))), 3),
        "source_type_macro_f1": round(float(f1_score(*types, labels=sorted(set(types[0])), average="macro")), 3),
        "named": round(float(np.mean(named)), 3),
    }


def main() -> None:
    """Make the tables, save them, print the scores."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--names", type=Path, required=True, help="folder of the census files")
    options = parser.parse_args()
    texts = articles(options.corpora)
    surnames = {}
    for line in (options.names / "dist.all.last").read_text(encoding="utf-8").splitlines()[:SURNAMES]:
        surnames[line.split()[0].lower()] = ""
    tables = {
        "given": given_names(options.names),
        "surnames": surnames,
        "places": places(),
        "bodies": bodies(),
        "people": {},
        "ordinary": ordinary_words(texts),
    }
    save(tables, {})
    people, bearers = known_people(texts)
    tables |= {"people": people, "surnames": surnames | bearers}
    save(tables, {})
    scores = evaluate(options.corpora)
    save(tables, scores)
    print({name: len(table) for name, table in tables.items()}, scores)


if __name__ == "__main__":
    main()
