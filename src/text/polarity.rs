//! Words that say something is bad, refused or ended. A question that presupposes one of them
//! ("why did the club fold?") is not answered by a passage that holds none.

/// Sorted; verbs in their base form, compared by stem.
const NEGATIVE: &[&str] = &[
    "abandon",
    "abolish",
    "accuse",
    "afraid",
    "against",
    "angry",
    "apologise",
    "argue",
    "arrest",
    "attack",
    "bad",
    "ban",
    "bankrupt",
    "bias",
    "blame",
    "block",
    "boycott",
    "break",
    "cancel",
    "cheat",
    "clash",
    "close",
    "collapse",
    "complain",
    "condemn",
    "conflict",
    "criticise",
    "criticism",
    "crash",
    "danger",
    "dangerous",
    "decline",
    "decrease",
    "defend",
    "delay",
    "deny",
    "deteriorate",
    "die",
    "disagree",
    "disappoint",
    "dislike",
    "dismiss",
    "dispute",
    "doubt",
    "drop",
    "end",
    "enemy",
    "expel",
    "fail",
    "failure",
    "fall",
    "fear",
    "fire",
    "fold",
    "forbid",
    "fraud",
    "halt",
    "harm",
    "hate",
    "lie",
    "lose",
    "loss",
    "mistake",
    "murder",
    "object",
    "oppose",
    "opposition",
    "pessimistic",
    "postpone",
    "prevent",
    "problem",
    "prohibit",
    "protest",
    "punish",
    "quarrel",
    "quit",
    "refuse",
    "regret",
    "reject",
    "relocate",
    "resign",
    "ruin",
    "sack",
    "scandal",
    "scrap",
    "shrink",
    "stop",
    "strike",
    "sue",
    "suspend",
    "terminate",
    "threat",
    "threaten",
    "ugly",
    "unhappy",
    "upset",
    "useless",
    "veto",
    "warn",
    "waste",
    "withdraw",
    "worse",
    "worst",
    "worry",
    "wrong",
];

/// Stems of the words above, sorted.
static STEMS: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| {
    let mut stems: Vec<String> = NEGATIVE.iter().map(|w| super::stem(w)).collect();
    stems.sort();
    stems.dedup();
    stems
});

/// Whether a stem belongs to a word of refusal, loss or conflict.
#[must_use]
pub fn is_negative(stem: &str) -> bool {
    STEMS.binary_search_by(|s| s.as_str().cmp(stem)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::terms;

    #[test]
    fn forms_of_negative_words_are_known_and_others_are_not() {
        let negative = |text: &str| terms(text).iter().filter(|t| is_negative(&t.stem)).count();
        assert_eq!(negative("Why did they oppose and criticize the plan that was rejected?"), 3);
        assert_eq!(negative("Why did they support and praise the plan?"), 0);
    }
}
