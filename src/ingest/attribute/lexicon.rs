//! Word lists of attribution: reporting verbs, titles, role nouns, words that are no names. Data
//! only; how they are used is told in `clause`, `people` and `roles`.

use std::collections::HashSet;
use std::sync::LazyLock;

/// A set of lower-case words.
type Words = LazyLock<HashSet<&'static str>>;

fn words(list: &'static str) -> HashSet<&'static str> {
    list.split_whitespace().collect()
}

/// What a word says about the act of speaking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// "said", "notes": has its own subject.
    Finite,
    /// "stating": shares the subject of the clause.
    Participle,
}

/// Base forms of regular verbs that introduce or follow what someone says.
static VERBS: Words = LazyLock::new(|| {
    words(
        "
    acknowledge add admit advise affirm agree allege announce answer argue ask assert assure boast call caution
    challenge chime claim clarify comment complain concede conclude concur confess confide confirm contend
    continue counter criticise criticize cry declare demand deny describe disagree disclose echo elaborate
    emphasise emphasize encourage enquire exclaim explain express grumble highlight hint inform inquire insist
    interject joke lament laugh maintain mention murmur muse mutter note object observe opine outline pledge point
    pose praise predict press proclaim promise propose protest question quip reaffirm reason recall recommend
    recount reflect reiterate reject remark remind repeat reply report respond retort reveal shout sigh signal
    specify speculate state stress suggest summarise summarize testify tweet underline underscore urge venture
    voice volunteer vow warn whisper wonder yell",
    )
});

/// Forms that no ending makes from a base form.
const IRREGULAR: &[(&str, Report)] = &[
    ("say", Report::Finite),
    ("says", Report::Finite),
    ("said", Report::Finite),
    ("saying", Report::Participle),
    ("tell", Report::Finite),
    ("tells", Report::Finite),
    ("told", Report::Finite),
    ("telling", Report::Participle),
    ("write", Report::Finite),
    ("writes", Report::Finite),
    ("wrote", Report::Finite),
    ("writing", Report::Participle),
    ("thinks", Report::Finite),
    ("thought", Report::Finite),
    ("believes", Report::Finite),
    ("believed", Report::Finite),
    ("swore", Report::Finite),
    ("foresaw", Report::Finite),
];

/// Whether `word` reports speech, in any of its forms.
pub fn report(word: &str) -> Option<Report> {
    let word = word.to_lowercase();
    if let Some((_, form)) = IRREGULAR.iter().find(|(w, _)| *w == word) {
        return Some(*form);
    }
    let known = |base: &str| VERBS.contains(base);
    if let Some(stem) = word.strip_suffix("ing") {
        return stems(stem).iter().any(|s| known(s)).then_some(Report::Participle);
    }
    let finite = known(&word)
        || word.strip_suffix("ies").is_some_and(|s| known(&format!("{s}y")))
        || word.strip_suffix("ied").is_some_and(|s| known(&format!("{s}y")))
        || word.strip_suffix('s').is_some_and(known)
        || word.strip_suffix("es").is_some_and(known)
        || word.strip_suffix("ed").is_some_and(|s| stems(s).iter().any(|s| known(s)));
    finite.then_some(Report::Finite)
}

/// What stood before "-ed" or "-ing": as it is, with its "e", without the doubled consonant.
fn stems(stem: &str) -> [String; 3] {
    let single = stem.char_indices().next_back().map_or(stem, |(at, _)| &stem[..at]);
    [stem.to_owned(), format!("{stem}e"), single.to_owned()]
}

/// Titles that belong to a name.
static TITLES: Words = LazyLock::new(|| {
    words(
        "
    dr mr mrs ms mx prof professor sir dame lord lady rev fr st hon gen col capt lt sgt maj cllr sen rep gov pres
    messrs madam madame herr frau doctor",
    )
});

/// Other words whose full stop ends no sentence.
static ABBREVIATIONS: Words = LazyLock::new(|| {
    words(
        "
    inc corp co ltd jr sr no vs approx e.g i.e etc",
    )
});

pub fn is_title(word: &str) -> bool {
    TITLES.contains(word.trim_end_matches('.').to_lowercase().as_str())
}

pub fn is_abbreviation(word: &str) -> bool {
    (is_title(word) && word.to_lowercase() != "doctor") || ABBREVIATIONS.contains(word.to_lowercase().as_str())
}

/// Particles inside names ("Ursula von der Leyen").
pub fn is_particle(word: &str) -> bool {
    matches!(
        word,
        "de" | "del"
            | "della"
            | "der"
            | "den"
            | "van"
            | "von"
            | "bin"
            | "ibn"
            | "al"
            | "el"
            | "la"
            | "le"
            | "di"
            | "da"
            | "dos"
            | "das"
            | "du"
            | "ten"
            | "ter"
            | "zu"
            | "y"
            | "binti"
    ) || word.starts_with("al-")
        || word.starts_with("el-")
}

/// Nouns that say what someone is.
static ROLES: Words = LazyLock::new(|| {
    words(
        "
    activist actor adviser advisor advocate ambassador analyst anchor architect artist attorney author biologist
    boss captain ceo cfo chair chairman chairperson chairwoman chancellor chemist chief clerk climatologist coach
    co-founder cofounder columnist commander commissioner conductor consul consultant coordinator correspondent
    councillor councilor counsel cto curator dean delegate deputy designer developer diplomat director doctor
    ecologist economist editor engineer envoy executive expert farmer fellow founder geographer governor guest
    head historian host interviewee interviewer investor journalist judge lawmaker lawyer leader lecturer
    librarian linguist manager mayor member minister moderator musician negotiator neighbour novelist nurse
    officer official organiser organizer owner painter panellist panelist partner pastor philosopher physician
    physicist pianist pilot planner poet politician premier president presenter principal producer professor
    programmer prosecutor psychologist publisher reporter representative researcher resident scholar scientist
    secretary secretary-general senator singer sociologist speaker specialist spokesman spokesperson spokeswoman
    strategist student superintendent supervisor surgeon surveyor teacher technician treasurer trustee
    vice-president volunteer winner worker writer
    apprentice archivist astronaut auditor baker barber boatman brewer broker builder butcher buyer carpenter
    chef climber collector colonel composer constable contractor cook cyclist dancer dentist detective diver
    driver electrician explorer fisher forester gardener general graduate grower guard guide imam inspector
    instructor inventor keeper landlady landlord lieutenant lifeguard major maker master mechanic midwife miner
    monk negotiator nun operator optician pensioner pharmacist player plumber potter priest printer rabbi ranger
    referee retailer sailor sculptor sergeant shepherd skipper soldier spokesman tailor tenant trader trainer
    translator tutor vet veterinarian vicar victim waiter waitress warden weaver welder witness",
    )
});

/// Words that stand before a role noun in a title ("Prime Minister", "Deputy Party Chief").
static ROLE_PREFIXES: Words = LazyLock::new(|| {
    words(
        "
    acting assistant associate chief city deputy executive former foreign general managing municipal party prime
    senior vice finance interior health junior lead lord state regional national county district",
    )
});

/// Endings that make a word for what someone does.
const ROLE_ENDINGS: &[&str] =
    &["ologist", "ographer", "ician", "master", "mistress", "keeper", "woman", "sman", "smith", "wright", "maker"];

pub fn is_role(word: &str) -> bool {
    let word = word.to_lowercase();
    ROLES.contains(word.as_str()) || ROLE_ENDINGS.iter().any(|e| word.len() > e.len() + 1 && word.ends_with(e))
}

pub fn is_role_prefix(word: &str) -> bool {
    ROLE_PREFIXES.contains(word.to_lowercase().as_str())
}

/// Words that show that a capitalised run names no person.
static NO_PERSON: Words = LazyLock::new(|| {
    words(
        "
    academy agency association authority avenue bank board bridge bureau centre center church city club college
    commission committee community company conference congress cooperation corporation council court declaration
    department development dialog dialogue district economy federation festival forum foundation fund government
    governance group hall hospital house initiative institute islands league library ministry museum nations news
    office organisation organization park parliament party plan police port programme program project region
    republic river road school senate service society square states station street summit times trust union
    university week inc. corp. ltd. co. mayors cities",
    )
});

pub fn is_no_person(word: &str) -> bool {
    NO_PERSON.contains(word.to_lowercase().as_str())
}

/// Words that are capitalised only where a sentence begins, and calendar words.
static NO_NAME: Words = LazyLock::new(|| {
    words(
        "
    a about above across according additionally after again against all along already also although among an and
    another any are around as asked at back because before below besides between beyond both but by can cities
    could critics despite did do does during each earlier either even every everyone experts few finally first
    following for from further furthermore given had has have he her here hers his how however i if in indeed
    inside instead into is it its last later leaders like many may meanwhile moreover most much my near neither
    never nevertheless next no nobody none nor not now observers of officials on once one only or other others our
    out over participants perhaps police readers residents said scientists second several she should since so some
    someone sources speaking still such than thank that the their then there these they third this those though
    through thus to today tomorrow too toward towards under unlike until up upon us was we well were what when
    where whether which while who why will with within without witnesses would yes yesterday yet you your monday
    tuesday wednesday thursday friday saturday sunday january february march april june july august september
    october november december",
    )
});

pub fn is_no_name(word: &str) -> bool {
    NO_NAME.contains(word.to_lowercase().as_str())
}

/// Stands between a subject and its verb.
pub fn is_adverb(word: &str) -> bool {
    let word = word.to_lowercase();
    (word.len() > 4 && word.ends_with("ly"))
        || matches!(
            word.as_str(),
            "also"
                | "then"
                | "later"
                | "further"
                | "again"
                | "has"
                | "had"
                | "have"
                | "is"
                | "was"
                | "would"
                | "will"
                | "did"
                | "does"
                | "once"
                | "still"
                | "even"
                | "just"
                | "never"
                | "both"
                | "too"
                | "today"
                | "yesterday"
                | "always"
                | "often"
                | "now"
                | "first"
                | "who"
        )
}

/// Before a name these say that it is no subject.
pub fn is_preposition(word: &str) -> bool {
    matches!(
        word.to_lowercase().as_str(),
        "in" | "at"
            | "of"
            | "for"
            | "on"
            | "with"
            | "by"
            | "to"
            | "from"
            | "after"
            | "before"
            | "about"
            | "like"
            | "under"
            | "over"
            | "against"
            | "between"
            | "during"
            | "near"
            | "into"
            | "through"
            | "via"
            | "across"
            | "since"
            | "until"
            | "among"
            | "than"
            | "without"
            | "toward"
            | "towards"
            | "beyond"
            | "around"
            | "unlike"
    )
}

pub fn is_article(word: &str) -> bool {
    matches!(word.to_lowercase().as_str(), "the" | "a" | "an" | "our" | "its" | "their" | "his" | "her" | "this" | "my")
}

pub fn is_pronoun(word: &str) -> bool {
    matches!(word.to_lowercase().as_str(), "he" | "she" | "they")
}

/// Before a quotation these say that it is a title or a term.
pub fn names_a_title(word: &str) -> bool {
    matches!(
        word.to_lowercase().as_str(),
        "theme"
            | "titled"
            | "entitled"
            | "book"
            | "article"
            | "song"
            | "film"
            | "motto"
            | "slogan"
            | "headline"
            | "word"
            | "phrase"
            | "term"
            | "called"
            | "dubbed"
            | "named"
            | "so-called"
            | "event"
            | "campaign"
            | "programme"
            | "program"
            | "project"
            | "initiative"
            | "series"
            | "session"
            | "section"
            | "chapter"
            | "novel"
            | "essay"
            | "paper"
            | "album"
            | "exhibition"
            | "nicknamed"
            | "labelled"
            | "labeled"
            | "terms"
            | "play"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_of_reporting_are_known_in_all_forms() {
        for word in
            ["said", "adds", "added", "replied", "replies", "emphasized", "stresses", "quipped", "noted", "Stated"]
        {
            assert_eq!(report(word), Some(Report::Finite), "{word}");
        }
        for word in ["stating", "saying", "adding", "quipping", "noting"] {
            assert_eq!(report(word), Some(Report::Participle), "{word}");
        }
        for word in ["resonated", "was", "growing", "ad", "ing", "s", "ed", "é"] {
            assert_eq!(report(word), None, "{word}");
        }
    }
}
