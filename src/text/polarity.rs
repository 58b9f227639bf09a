//! Words that pull in opposite directions: rising and falling, praise and blame, opening and
//! closing. A question that presupposes one side ("why did the club fold?") is not answered by
//! words that stand on the other.
//!
//! General English, verbs in their base form, compared by stem; a word may stand in several pairs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Two sides, words between spaces, the second the one of refusal, loss or conflict where there is
/// such a side.
const PAIRS: &[(&str, &str)] = &[
    (
        "grow growth rise increase expand expansion gain climb boost soar surge double triple strengthen \
         deepen improve improvement recover recovery thrive flourish higher upward accelerate boom \
         prosper enlarge widen",
        "fall decline decrease drop shrink lose loss fold collapse weaken worsen deteriorate dwindle \
         slump plunge crash reduce reduction lower downward slow halve stagnate worse worst ruin \
         shortfall vanish disappear",
    ),
    (
        "praise welcome support supportive endorse applaud hail commend favour approve approval admire \
         celebrate thank grateful pleased proud satisfied delighted love enjoy agree agreement champion \
         advocate recommend encourage accept appreciate defend embrace promote",
        "criticise criticism oppose opposition reject rejection condemn attack blame denounce object \
         objection complain complaint dislike hate regret disagree disapprove against angry unhappy \
         upset disappoint resent protest refuse dismiss veto mock discourage distrust deny resist accuse \
         scorn ridicule",
    ),
    (
        "optimistic optimism hope hopeful confident confidence believe trust excited enthusiastic \
         promising bright positive",
        "pessimistic pessimism fear afraid worry worried doubt doubtful sceptical skeptical despair \
         gloomy bleak negative hopeless anxious concern",
    ),
    (
        "succeed success successful achieve achievement win victory accomplish fulfil effective triumph",
        "fail failure unsuccessful lose lost defeat flop ineffective useless waste",
    ),
    (
        "good great excellent beautiful elegant best better handsome lovely pleasant attractive \
         wonderful delicious comfortable helpful useful",
        "bad poor terrible ugly awful worst worse horrible unpleasant dreadful disgusting uncomfortable \
         harmful useless harm damage",
    ),
    (
        "open reopen begin start launch found establish inaugurate introduce continue resume remain stay \
         extend renew proceed maintain",
        "close closure shut end stop cease halt cancel abandon abolish suspend terminate discontinue \
         quit scrap withdraw leave drop postpone delay finish",
    ),
    (
        "build built construct create restore repair rebuild renovate preserve protect save",
        "demolish destroy dismantle tear wreck raze ruin break broke damage neglect",
    ),
    (
        "allow permit authorise legal enable approve grant",
        "ban forbid forbade prohibit block illegal prevent outlaw bar refuse deny restrict",
    ),
    (
        "join enter arrive attend appoint hire recruit elect return stay",
        "leave left quit resign exit depart dismiss fire sack expel absent retire",
    ),
    (
        "peace peaceful friendly friendship friend cooperate cooperation unite unity partner partnership \
         ally harmony reconcile trust",
        "war hostile hostility enemy quarrel conflict divide division rival rivalry clash dispute fight \
         tension threaten threat sue boycott",
    ),
    ("safe safety secure harmless healthy", "dangerous danger unsafe risky hazardous insecure unhealthy"),
    ("cheap cheaper affordable inexpensive", "expensive dear costly pricey"),
    ("easy simple easier effortless", "hard difficult complicated harder tough"),
    ("fast quick early faster rapid punctual", "slow late slower delay overdue"),
    ("before earlier first", "after later"),
    ("large big largest biggest larger", "small little smallest smaller tiny"),
    ("old oldest ancient", "new newest modern young youngest"),
    ("true honest correct", "false wrong lie mistake fraud cheat biased bias"),
    ("rich wealthy profit profitable surplus", "poor bankrupt debt loss deficit"),
    ("remember mention", "forget ignore omit"),
    ("live survive survivor", "die death kill murder"),
    ("include inclusive inclusion", "exclude exclusion"),
    ("import", "export"),
    ("buy bought purchase", "sell sold sale"),
    ("lend", "borrow"),
    ("publish reveal", "hide conceal secret"),
    ("agree unanimous", "disagree divided split"),
];

/// Words that are bad without an opposite of their own.
const BAD: &str = "apologise argue arrest problem punish relocate scandal strike warn crisis error accident \
         trouble guilty corrupt corruption";

/// For each stem its places: pair, and whether it stands on the second side.
static PLACES: LazyLock<BTreeMap<String, Vec<(usize, bool)>>> = LazyLock::new(|| {
    let mut places: BTreeMap<String, Vec<(usize, bool)>> = BTreeMap::new();
    for (pair, sides) in PAIRS.iter().enumerate() {
        for (second, side) in [(false, sides.0), (true, sides.1)] {
            for word in side.split_whitespace() {
                places.entry(super::stem(word)).or_default().push((pair, second));
            }
        }
    }
    places
});

/// Pairs whose second side is bad; the others only differ.
const GRADED: std::ops::Range<usize> = 0..11;

static NEGATIVE: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let listed = PAIRS[GRADED].iter().flat_map(|(_, bad)| bad.split_whitespace()).chain(BAD.split_whitespace());
    listed.map(super::stem).collect()
});

/// Whether a stem belongs to a word of refusal, loss or conflict.
#[must_use]
pub fn is_negative(stem: &str) -> bool {
    NEGATIVE.contains(stem)
}

/// Whether two stems pull in opposite directions.
#[must_use]
pub fn are_opposite(one: &str, other: &str) -> bool {
    let (Some(ones), Some(others)) = (PLACES.get(one), PLACES.get(other)) else { return false };
    ones.iter().any(|(pair, second)| others.contains(&(*pair, !second)))
}

/// Whether a stem has any opposite.
#[must_use]
pub fn has_opposite(stem: &str) -> bool {
    PLACES.contains_key(stem)
}

/// Whether a folded word denies.
#[must_use]
pub fn is_denial(folded: &str) -> bool {
    matches!(folded, "not" | "no" | "never" | "none" | "neither" | "nor" | "nobody" | "nothing" | "without" | "cannot")
        || folded.ends_with("n't")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{stem, terms};

    #[test]
    fn forms_of_negative_words_are_known_and_others_are_not() {
        let negative = |text: &str| terms(text).iter().filter(|t| is_negative(&t.stem)).count();
        assert_eq!(negative("Why did they oppose and criticize the plan that was rejected?"), 3);
        assert_eq!(negative("Why did they support and praise the plan?"), 0);
    }

    #[test]
    fn words_of_two_sides_are_opposite_in_any_form_and_words_of_one_are_not() {
        for (one, other, opposite) in [
            ("folded", "growing", true),
            ("shrink", "grew", true),
            ("rose", "fell", true),
            ("lost", "won", true),
            ("ugly", "handsome", true),
            ("rejected", "welcomed", true),
            ("grow", "rising", false),
            ("fell", "lantern", false),
            ("rose", "grew", false),
            ("close", "shut", false),
        ] {
            assert_eq!(are_opposite(&stem(one), &stem(other)), opposite, "{one} {other}");
        }
    }

    #[test]
    fn denials_are_known_in_their_short_forms() {
        assert!(["not", "never", "didn't", "won't"].iter().all(|w| is_denial(w)));
        assert!(!is_denial("knot"));
    }
}
