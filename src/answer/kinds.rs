//! Whether a sentence holds the kind of thing that was asked for: a date, a number, a name.

use std::sync::LazyLock;

use regex::Regex;

use super::names::{Known, new_names};
use crate::question::Expected;
use crate::text::{pattern, terms};

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:(?:1[0-9]|20|21)\d\d(?:s|ies)?|january|february|march|april|may \d|june|july|august|september|october|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|\d{1,2}(?:st|nd|rd|th)|today|tomorrow|tonight|yesterday|(?:last|next|this|every|each) (?:week|month|year|spring|summer|autumn|fall|winter|night|morning|quarter|decade|century)|(?:years?|months?|weeks?|days?|hours?|minutes?|decades?|centur(?:y|ies)) (?:ago|later|earlier|before|after)|midnight|noon|dawn|dusk|\d{1,2} ?(?:am|pm|a\.m\.|p\.m\.|o'clock)|\d{1,2}[:.]\d\d|spring|summer|autumn|winter|morning|afternoon|evening|century|easter|christmas|ancient|medieval|during|when|after|before|since|until)\b",
    )
});
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|trillions?|dozens?|half|third|quarter|double[ds]?|triple[ds]?|twice|percent|per cent|zero|none|pair)\b",
    )
});
static MONEY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)[$€£¥₹]|\b(?:dollars?|euros?|pounds?|pence|cents?|yuan|rmb|renminbi|yen|rupees?|francs?|crowns?|usd|eur|gbp|million|billion|trillion|free|\d[\d.,]*k)\b",
    )
});

/// A figure, in digits or words, with one of some units close behind.
fn measure(units: &str) -> Regex {
    const FIGURE: &str = r"(?:\d|\b(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|sixteen|eighteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|half|several|few)\b)";
    pattern(&format!(r"(?i){FIGURE}[^.!?]{{0,20}}?(?:{units})"))
}

static LENGTH: LazyLock<Regex> = LazyLock::new(|| {
    measure(
        r"\b(?:kilo|centi|milli)?met(?:re|er)s?\b|\bk?m\b|\b[cm]m\b|\bfeet\b|\bfoot\b|\bft\b|\binch(?:es)?\b|\bmiles?\b|\byards?\b|\bstor(?:eys?|ies)\b|\bfloors?\b|\bblocks?\b|\bminutes?\b|\bhours?\b",
    )
});
static WEIGHT: LazyLock<Regex> = LazyLock::new(|| {
    measure(
        r"\b(?:kilo|milli)?gram(?:me)?s?\b|\bkilos?\b|\bk?g\b|\btonn?es?\b|\btons?\b|\bpounds?\b|\blbs?\b|\bounces?\b",
    )
});
static SPEED: LazyLock<Regex> =
    LazyLock::new(|| measure(r"km/h|\bkph\b|\bmph\b|\bknots?\b|\b(?:an|per|each|a) (?:hour|second|minute)\b|/s\b"));
static DURATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:seconds?|minutes?|hours?|days?|nights?|weeks?|weekends?|months?|years?|winters?|summers?|seasons?|decades?|centur(?:y|ies)|until|till|since|forever|always|temporar\w+|permanent\w*)\b|\bfrom\b.+\bto\b",
    )
});
static AGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\byears?[- ]old\b|\baged?\b|\bborn\b|\bbirthday\b|\b(?:1[0-9]|20|21)\d\d\b|\b(?:\d+|ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)(?:-\w+)? years\b|\bcenturies\b|\bcentury\b|\bin (?:his|her|their) (?:twenties|thirties|forties|fifties|sixties|seventies|eighties)\b",
    )
});
static TEMPERATURE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)°|\bdegrees?\b|\bcelsius\b|\bfahrenheit\b|\bfreezing\b"));
static CONTACT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\+?\d[\d ()/-]{5,}\d|\S@\S|\bwww\.|https?://|\b\w+\.(?:com|org|net|eu)\b"));

/// Whether the sentence holds the kind; what follows a speaker's label counts as theirs.
#[must_use]
pub(super) fn holds(known: Known<'_>, sentence: &str, expected: Expected, question: &str) -> bool {
    match expected {
        Expected::Date => date(sentence, question),
        Expected::Number => NUMBER.is_match(sentence),
        Expected::Money => MONEY.is_match(sentence) || sentence.contains(|c: char| c.is_ascii_digit()),
        Expected::Age => AGE.is_match(sentence),
        Expected::Length => LENGTH.is_match(sentence),
        Expected::Weight => WEIGHT.is_match(sentence),
        Expected::Speed => SPEED.is_match(sentence),
        Expected::Duration => DURATION.is_match(sentence),
        Expected::Temperature => TEMPERATURE.is_match(sentence),
        Expected::Contact => CONTACT.is_match(sentence),
        Expected::Person | Expected::Place | Expected::Organisation => names_something_new(known, sentence, question),
    }
}

static WEEKDAY: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b"));
static YEAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:1[0-9]|20|21)\d\d(?:s|ies)?\b|\b\d{2}s\b"));
static ASKS_WEEKDAY: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bweekday\b|\bday of the week\b"));
static ASKS_YEAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:what|which) (?:year|decade|century)\b"));

/// A weekday when one is asked for, a year likewise, else any time.
fn date(sentence: &str, question: &str) -> bool {
    if ASKS_WEEKDAY.is_match(question) {
        WEEKDAY.is_match(sentence)
    } else if ASKS_YEAR.is_match(question) {
        YEAR.is_match(sentence)
    } else {
        DATE.is_match(sentence)
    }
}

/// A name that the question does not hold already.
fn names_something_new(known: Known<'_>, sentence: &str, question: &str) -> bool {
    !new_names(known, sentence, &terms(sentence), &terms(question)).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::stems::Stems;
    use crate::question::People;

    fn holds(sentence: &str, expected: Expected, question: &str) -> bool {
        let (stems, people) = (Stems::default(), People::default());
        super::holds(Known { stems: &stems, people: &people }, sentence, expected, question)
    }

    #[test]
    fn a_sentence_without_the_kind_asked_for_is_told_apart() {
        for (sentence, expected, holds_it) in [
            ("The crane was built in 1967.", Expected::Date, true),
            ("The crane is red.", Expected::Date, false),
            ("It opened on Thursday.", Expected::Date, true),
            ("Two berths stay open.", Expected::Number, true),
            ("The berths stay open.", Expected::Number, false),
            ("It cost £2.4 million.", Expected::Money, true),
            ("It was dear.", Expected::Money, false),
            ("The plan came from Ada Whitlock.", Expected::Person, true),
            ("The plan came late.", Expected::Person, false),
            ("It is forty metres deep.", Expected::Length, true),
            ("It is deep, with four buoys.", Expected::Length, false),
            ("The anchor weighs two tonnes.", Expected::Weight, true),
            ("She is 41 years old.", Expected::Age, true),
            ("She has four boats.", Expected::Age, false),
            ("The work takes eleven weeks.", Expected::Duration, true),
            ("Call 0555 234 567.", Expected::Contact, true),
            ("Call one of us.", Expected::Contact, false),
        ] {
            assert_eq!(holds(sentence, expected, "question"), holds_it, "{sentence}");
        }
    }

    #[test]
    fn a_weekday_is_told_from_a_date() {
        let question = "On which day of the week did it open?";
        assert!(holds("It opened on Thursday.", Expected::Date, question));
        assert!(!holds("It opened on 6 March 2025.", Expected::Date, question));
    }

    #[test]
    fn a_name_in_the_question_is_no_answer_to_it() {
        assert!(!holds("The mayor met Reed.", Expected::Person, "Who met Reed?"));
    }
}
