//! The words of English that tell how a question is built: auxiliaries, verbs and their forms,
//! nouns that name people, times, or no more than a property of something.
//!
//! Closed classes are complete; open ones hold the frequent members and leave the rest to endings.

/// Whether a folded word asks.
pub(super) fn is_interrogative(word: &str) -> bool {
    matches!(word, "who" | "whom" | "whose" | "what" | "which" | "when" | "where" | "why" | "how")
}

pub(super) fn is_be(word: &str) -> bool {
    matches!(positive(word), "is" | "are" | "was" | "were")
}

pub(super) fn is_have(word: &str) -> bool {
    matches!(positive(word), "has" | "have" | "had")
}

/// "did", "does", "do" and the modal verbs: the verb after them has its base form.
pub(super) fn takes_base_form(word: &str) -> bool {
    is_do(word)
        || matches!(
            positive(word),
            "will" | "would" | "can" | "ca" | "wo" | "could" | "should" | "must" | "may" | "might" | "shall" | "cannot"
        )
}

pub(super) fn is_do(word: &str) -> bool {
    matches!(positive(word), "did" | "does" | "do")
}

pub(super) fn is_auxiliary(word: &str) -> bool {
    is_be(word) || is_have(word) || takes_base_form(word)
}

fn positive(word: &str) -> &str {
    word.strip_suffix("n't").unwrap_or(word)
}

pub(super) fn is_determiner(word: &str) -> bool {
    matches!(word, "the" | "a" | "an" | "this" | "that" | "these" | "those" | "any" | "some" | "no" | "another")
        || is_possessive(word)
}

pub(super) fn is_possessive(word: &str) -> bool {
    matches!(word, "his" | "her" | "its" | "their" | "our" | "my" | "your")
}

/// Words that stand for a whole subject.
pub(super) fn is_subject_pronoun(word: &str) -> bool {
    matches!(
        word,
        "i" | "you"
            | "he"
            | "she"
            | "it"
            | "we"
            | "they"
            | "there"
            | "this"
            | "that"
            | "these"
            | "those"
            | "anyone"
            | "anybody"
            | "anything"
            | "someone"
            | "somebody"
            | "something"
            | "everyone"
            | "everybody"
            | "everything"
            | "nobody"
            | "nothing"
            | "people"
    )
}

pub(super) fn is_preposition(word: &str) -> bool {
    matches!(
        word,
        "of" | "about"
            | "on"
            | "for"
            | "in"
            | "with"
            | "to"
            | "at"
            | "by"
            | "from"
            | "into"
            | "over"
            | "under"
            | "between"
            | "during"
            | "after"
            | "before"
            | "since"
            | "until"
            | "through"
            | "without"
            | "against"
            | "towards"
            | "toward"
            | "near"
            | "across"
            | "behind"
            | "regarding"
            | "concerning"
            | "per"
    )
}

/// Verbs that the list of function words holds.
pub(super) fn is_light_verb(word: &str) -> bool {
    matches!(word, "have" | "do" | "get" | "say" | "give" | "like" | "know" | "let" | "tell" | "got")
}

/// Frequent verbs in their base form that are hardly ever nouns before another verb.
pub(super) fn is_verb(word: &str) -> bool {
    VERBS.split_ascii_whitespace().any(|v| v == word)
}

const VERBS: &str = "accept achieve add admit affect agree allow announce apologise apologize appear apply approve argue \
    arrive ask attend avoid back become begin believe belong bend blow break bring build burn buy call carry cause choose claim close \
    close collect come compare complain confirm consider contain continue convince cost create criticise criticize cut deal \
    decide decline deliver demand deny depend describe destroy develop die disagree disappear discover discuss drop earn employ enable encourage \
    end enjoy ensure expand escape expect explain explode export face fail fall favour feel fight fill find finish flood fold follow forbid \
    forget found fund gain get give go grow handle happen harm hate hear help hire hold hope improve include increase \
    inspire install intend introduce invest invite join keep kill know last launch lead learn leave lend let like live \
    look lose make manage matter mean meet mention miss move need notice obtain occur offer open oppose organise \
    organize own pay perform persuade plan play prefer prepare present prevent produce promise propose protect prove \
    provide publish push put quit raise reach react read realise receive recommend reduce refuse regret reject remain \
    remember remove rent repair repay replace reply report require rescue resign respond return reveal ring rise run rescue retire \
    save say see seek seem sell send serve set settle show shut sign solve speak spend spread stand start stay steal \
    stop succeed suffer suggest support survive take talk teach tell test thank think threaten train transform travel \
    treat trust try turn use vanish visit vote wait walk vary want warn waste wear welcome win wish withdraw work worry write";

/// Base form and past tense.
const PAST: &str = "be was become became begin began break broke bring brought build built buy bought catch caught \
    choose chose come came cost cost cut cut deal dealt do did draw drew drink drank drive drove eat ate fall fell \
    feed fed feel felt fight fought find found fly flew forbid forbade forget forgot get got give gave go went grow \
    grew have had hear heard hide hid hit hit hold held keep kept know knew lead led leave left lend lent let let lose \
    lost make made mean meant meet met pay paid put put read read ring rang rise rose run ran say said see saw seek \
    sought sell sold send sent set set show showed shut shut sing sang sit sat sleep slept speak spoke spend spent \
    spread spread stand stood steal stole take took teach taught tell told think thought throw threw wear wore win won \
    withdraw withdrew write wrote";

/// Participles that do not end in "ed".
const PARTICIPLES: &str = "become begun broken brought built bought caught chosen cut dealt done drawn driven eaten \
    fallen fed felt fought found flown forbidden forgotten given gone grown heard hidden hit held kept known led left \
    lent lost made meant met paid put read rung risen run said seen sought sold sent set shown shut sung spoken spent \
    spread stolen taken taught told thought thrown worn won withdrawn written born";

/// "closed", "built": what may follow "was" as its verb.
pub(super) fn is_participle(word: &str) -> bool {
    word.len() > 4 && word.ends_with("ed") && !word.ends_with("eed")
        || PARTICIPLES.split_ascii_whitespace().any(|p| p == word)
}

/// "hopeful", "expensive", "late": what may be said of something after "was".
pub(super) fn is_adjective(word: &str) -> bool {
    const ENDINGS: [&str; 8] = ["ive", "ous", "able", "ible", "ful", "less", "ical", "ant"];
    const ADJECTIVES: &str = "important late early safe free new old ready open empty full cheap dear big small long \
        short high low good bad better worse fast slow strong weak hard easy happy angry sad sure right wrong alone \
        different special popular famous legal illegal public dangerous next red blue green black white sick well dead alive true";
    word.len() > 5 && ENDINGS.iter().any(|e| word.ends_with(e))
        || ADJECTIVES.split_ascii_whitespace().any(|a| a == word)
}

/// "rang", "opened", "serves": a verb as it stands after its subject.
pub(super) fn is_finite(word: &str) -> bool {
    let third = [("s", ""), ("es", ""), ("ies", "y")];
    PAST.split_ascii_whitespace().skip(1).step_by(2).any(|p| p == word)
        || word.len() > 4 && word.ends_with("ed")
        || third.iter().any(|(end, base)| word.strip_suffix(end).is_some_and(|s| is_verb(&format!("{s}{base}"))))
}

/// Base form to "-ing": make, making; stop, stopping.
pub(super) fn gerund(verb: &str) -> String {
    if let Some(stem) = verb.strip_suffix("ie") {
        return format!("{stem}ying");
    }
    match verb.strip_suffix('e') {
        Some(stem) if verb.len() > 2 && !verb.ends_with("ee") && !verb.ends_with("oe") && !verb.ends_with("ye") => {
            format!("{stem}ing")
        }
        _ => format!("{}ing", doubled(verb)),
    }
}

/// "rang" to "ringing", "carried" to "carrying", "pays" to "paying".
pub(super) fn gerund_of_finite(verb: &str) -> Option<String> {
    let mut words = PAST.split_ascii_whitespace();
    while let (Some(base), Some(past)) = (words.next(), words.next()) {
        if past == verb {
            return Some(gerund(base));
        }
    }
    if let Some(stem) = verb.strip_suffix("ied") {
        return Some(format!("{stem}ying"));
    }
    // What was doubled or lost before "ed" is so before "ing".
    let past = verb.strip_suffix("ed").filter(|stem| stem.len() > 1).map(|stem| format!("{stem}ing"));
    past.or_else(|| verb.strip_suffix('s').filter(|base| is_verb(base)).map(gerund))
}

/// The auxiliary that goes with several in the place of the one that goes with one, or the other
/// way round.
pub(super) fn agreeing(auxiliary: &str, many: bool) -> Option<&'static str> {
    const PAIRS: [(&str, &str); 6] =
        [("is", "are"), ("was", "were"), ("does", "do"), ("has", "have"), ("doesn't", "don't"), ("isn't", "aren't")];
    let word = auxiliary.to_lowercase();
    let (one, several) = PAIRS.iter().find(|(one, several)| word == *if many { one } else { several })?;
    Some(if many { several } else { one })
}

/// Base form to past tense.
pub(super) fn past(verb: &str) -> String {
    let mut words = PAST.split_ascii_whitespace();
    while let (Some(base), Some(past)) = (words.next(), words.next()) {
        if base == verb {
            return past.to_owned();
        }
    }
    if verb.ends_with('e') {
        format!("{verb}d")
    } else if let Some(stem) = consonant_y(verb) {
        format!("{stem}ied")
    } else {
        format!("{}ed", doubled(verb))
    }
}

/// Base form to the form after "she".
pub(super) fn third_person(verb: &str) -> String {
    match verb {
        "have" => "has".to_owned(),
        _ if consonant_y(verb).is_some() => format!("{}ies", &verb[..verb.len() - 1]),
        _ if ["s", "sh", "ch", "x", "o"].iter().any(|e| verb.ends_with(e)) => format!("{verb}es"),
        _ => format!("{verb}s"),
    }
}

fn consonant_y(verb: &str) -> Option<&str> {
    verb.strip_suffix('y').filter(|stem| !stem.ends_with(is_vowel))
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')
}

/// "stop" doubles its last letter before an ending; "open" and "fix" do not.
fn doubled(verb: &str) -> String {
    const STRESSED_AT_THE_END: [&str; 6] = ["begin", "forget", "admit", "permit", "refer", "regret"];
    let letters: Vec<char> = verb.chars().collect();
    let [.., before, vowel, last] = letters[..] else { return verb.to_owned() };
    let closes = is_vowel(vowel) && !is_vowel(last) && !is_vowel(before) && !matches!(last, 'w' | 'x' | 'y');
    let one_syllable = letters.iter().filter(|c| is_vowel(**c)).count() == 1;
    if closes && (one_syllable || STRESSED_AT_THE_END.contains(&verb)) {
        format!("{verb}{last}")
    } else {
        verb.to_owned()
    }
}

/// Whether a noun means several.
pub(super) fn is_plural(noun: &str) -> bool {
    const IRREGULAR: &str = "people children men women police mice feet teeth geese fishermen policemen firemen media \
        criteria data spokesmen";
    const SINGULAR: &str = "news series species economics physics politics mathematics bus gas lens campus process \
        status analysis basis crisis thesis virus bonus circus chaos canvas atlas christmas athletics ethics logistics";
    IRREGULAR.split_ascii_whitespace().any(|p| p == noun)
        || noun.len() > 2
            && noun.ends_with('s')
            && !noun.ends_with("ss")
            && !noun.ends_with("us")
            && !SINGULAR.split_ascii_whitespace().any(|s| s == noun)
}

/// "districts" to "district"; what is singular stays.
pub(super) fn singular(noun: &str) -> String {
    let irregular = [("people", "person"), ("children", "child"), ("men", "man"), ("women", "woman"), ("feet", "foot")];
    if let Some((_, one)) = irregular.iter().find(|(many, _)| *many == noun) {
        return (*one).to_owned();
    }
    if !is_plural(noun) {
        return noun.to_owned();
    }
    let stem = noun.strip_suffix("ies").filter(|s| s.len() > 2).map(|s| format!("{s}y"));
    let hissing = || {
        let stem = noun.strip_suffix("es")?;
        ["sh", "ch", "x", "ss", "z"].iter().any(|e| stem.ends_with(e)).then(|| stem.to_owned())
    };
    stem.or_else(hissing).or_else(|| noun.strip_suffix('s').map(str::to_owned)).unwrap_or_else(|| noun.to_owned())
}

/// "district" to "districts"; what is plural stays.
pub(super) fn plural(noun: &str) -> String {
    match noun {
        _ if is_plural(noun) => noun.to_owned(),
        "person" => "people".to_owned(),
        "child" => "children".to_owned(),
        "man" => "men".to_owned(),
        "woman" => "women".to_owned(),
        _ => third_person(noun),
    }
}

/// How surely a noun names a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Human {
    No,
    /// By its ending alone: "farmer", and "boiler".
    Perhaps,
    Yes,
}

pub(super) fn human(noun: &str) -> Human {
    const PEOPLE: &str = "mayor chair coach guest host chief captain head judge nurse doctor pilot king queen mother \
        father wife husband daughter son aunt uncle brother sister chairman chairwoman chairperson director minister \
        president colleague friend partner boss spokesman spokeswoman spokesperson fisherman architect teacher pupil \
        student parent resident councillor delegate expert professor biologist journalist interviewer interviewee \
        presenter moderator author writer singer artist farmer owner neighbour neighbor neighbours man woman person \
        people men women children child boy girl engineer manager designer inventor founder secretary treasurer \
        governor ambassador scientist researcher officer inspector lawyer builder baker conductor keeper witness \
        fishermen tenant visitor customer critic speaker participant player trainer successor predecessor deputy";
    const THINGS: &str = "number water river paper summer winter order letter power tower corner border dinner center \
        computer printer boiler weather matter layer cover offer answer quarter shelter barrier timber door floor \
        motor error sector factor mirror interior tractor reactor color chapter newspaper transformer heater cooler \
        freezer container shutter trailer meter meteor elevator calculator generator sensor harbor labor rumor monitor \
        corridor manufacturer supplier publisher carrier provider retailer operator museum theatre theater filter tender ladder counter \
        rubber copper silver butter pepper sugar collar pillar calendar folder header poster sticker trigger trailer";
    let one = singular(noun);
    let has = |list: &str| list.split_ascii_whitespace().any(|w| w == one || w == noun);
    const ENDINGS: [&str; 6] = ["er", "or", "ist", "ian", "man", "woman"];
    if has(PEOPLE) {
        Human::Yes
    } else if !has(THINGS) && one.len() > 4 && ENDINGS.iter().any(|e| one.ends_with(e)) {
        Human::Perhaps
    } else {
        Human::No
    }
}

/// Bodies that decide and speak, but are things: a council, a company.
pub(super) fn is_body(noun: &str) -> bool {
    const BODIES: &str = "manufacturer supplier publisher council company firm organisation organization ministry \
        government committee commission board club team party bank university agency authority association union \
        federation foundation institute department office police court parliament operator provider retailer body \
        group fund school hospital newspaper jury crew staff band orchestra choir family audience crowd";
    let one = singular(noun);
    BODIES.split_ascii_whitespace().any(|w| w == one)
}

/// Nouns that are a property or a part in the telling of something else: whoever asks for the theme
/// of the fair talks about the fair.
pub(super) fn is_property(noun: &str) -> bool {
    const PROPERTIES: &str = "name title theme topic subject price cost number amount share percentage proportion rate \
        size length height width depth weight age colour color date day time year month week place location address \
        capacity speed value purpose aim goal reason cause result outcome population kind sort type part percent \
        majority rest half quarter third point view opinion answer question example thing one role idea position order \
        beginning start end list";
    let one = singular(noun);
    PROPERTIES.split_ascii_whitespace().any(|w| w == one)
}

/// When something is, not what it is.
pub(super) fn is_time(noun: &str) -> bool {
    const TIMES: &str = "year month week day hour minute morning evening afternoon night today yesterday tomorrow now \
        decade century weekend spring autumn monday tuesday wednesday thursday friday saturday sunday january february \
        march april may june july august september october november december ago";
    let one = singular(noun);
    TIMES.split_ascii_whitespace().any(|w| w == one) || noun.bytes().all(|b| b.is_ascii_digit())
}

/// Adverbs and the like, which end a noun phrase.
pub(super) fn is_adverb(word: &str) -> bool {
    const ADVERBS: &str = "now today yesterday tomorrow ago altogether exactly never always often soon away back down \
        together apart already still even twice once currently else first instead away long far late early";
    ADVERBS.split_ascii_whitespace().any(|w| w == word) || word.len() > 5 && word.ends_with("ly") && word != "family"
}

/// Adjectives that single one thing out among its like: "the *old* pier".
pub(super) fn is_contrast(word: &str) -> bool {
    const CONTRASTS: &str = "new old big small large little young early late long short high low cheap dear expensive \
        other first second third fourth fifth sixth seventh eighth ninth tenth last next previous former latter same \
        main red blue green black white yellow north south east west northern southern eastern western upper lower \
        left right only whole entire two three four five six seven eight nine ten most least";
    CONTRASTS.split_ascii_whitespace().any(|w| w == word) || is_superlative(word)
}

/// "cheapest", "latest".
pub(super) fn is_superlative(word: &str) -> bool {
    const NOUNS: [&str; 9] =
        ["forest", "interest", "request", "guest", "harvest", "protest", "contest", "conquest", "invest"];
    word.len() > 5 && word.ends_with("est") && !NOUNS.contains(&word)
}

pub(super) const ORDINALS: [&str; 10] =
    ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_take_their_endings() {
        for (verb, ing, before, she) in [
            ("make", "making", "made", "makes"),
            ("stop", "stopping", "stopped", "stops"),
            ("open", "opening", "opened", "opens"),
            ("want", "wanting", "wanted", "wants"),
            ("carry", "carrying", "carried", "carries"),
            ("agree", "agreeing", "agreed", "agrees"),
            ("die", "dying", "died", "dies"),
            ("teach", "teaching", "taught", "teaches"),
            ("play", "playing", "played", "plays"),
            ("forget", "forgetting", "forgot", "forgets"),
        ] {
            assert_eq!(
                (gerund(verb), past(verb), third_person(verb)),
                (ing.into(), before.into(), she.into()),
                "{verb}"
            );
        }
    }

    #[test]
    fn nouns_have_a_number() {
        for (many, one) in
            [("districts", "district"), ("ferries", "ferry"), ("churches", "church"), ("people", "person")]
        {
            assert!(is_plural(many) && !is_plural(one), "{many}");
            assert_eq!((singular(many), plural(one)), (one.to_owned(), many.to_owned()));
        }
        for noun in ["news", "bus", "glass"] {
            assert!(!is_plural(noun), "{noun}");
        }
    }
}
