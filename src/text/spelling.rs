//! British and American spellings of one word count as the same: "organised" and "organized",
//! "harbour" and "harbor", "dialogue" and "dialog".
//!
//! The outcome is only compared, never shown, so that it may well be no word ("rise" and "rize"):
//! what matters is that both sides come out alike.

use std::borrow::Cow;

/// A folded word in the spelling that is compared.
pub(super) fn american(folded: &str) -> Cow<'_, str> {
    if folded.len() < SHORTEST {
        return Cow::Borrowed(folded);
    }
    for (british, american) in ENDINGS {
        if let Some(stem) = folded.strip_suffix(british)
            && !stem.is_empty()
        {
            return Cow::Owned(format!("{stem}{american}"));
        }
    }
    without_u(folded).map_or(Cow::Borrowed(folded), Cow::Owned)
}

/// Of the words that have two spellings ("amme" and a letter before it); most words of a text are
/// shorter than the endings and are told by their length.
const SHORTEST: usize = 4;

/// Endings and what they become; longer ones first.
const ENDINGS: &[(&str, &str)] = &[
    ("isations", "izations"),
    ("isation", "ization"),
    ("ising", "izing"),
    ("ised", "ized"),
    ("ises", "izes"),
    ("iser", "izer"),
    ("isers", "izers"),
    ("ise", "ize"),
    ("ysing", "yzing"),
    ("ysed", "yzed"),
    ("yse", "yze"),
    ("ogues", "ogs"),
    ("ogue", "og"),
    ("ammes", "ams"),
    ("amme", "am"),
    ("entres", "enters"),
    ("entre", "enter"),
    ("eatres", "eaters"),
    ("eatre", "eater"),
];

/// "harbour" without its u; short words ("four", "hour") keep theirs.
fn without_u(folded: &str) -> Option<String> {
    const AFTER: &[&str] = &["", "s", "ed", "ing", "ful", "able", "hood", "hoods", "ly", "ite", "ites"];
    let at = folded.rfind("our")?;
    let before = folded[..at].chars().last()?;
    let fits = at >= 3 && "lbvdmn".contains(before) && AFTER.contains(&&folded[at + 3..]);
    fits.then(|| format!("{}or{}", &folded[..at], &folded[at + 3..]))
}

#[cfg(test)]
mod tests {
    use crate::text::stem;

    #[test]
    fn both_spellings_have_one_stem() {
        for (british, american) in [
            ("organised", "organized"),
            ("organisation", "organization"),
            ("harbour", "harbor"),
            ("neighbours", "neighbors"),
            ("dialogues", "dialogs"),
            ("programme", "program"),
            ("centres", "centers"),
            ("analysed", "analyzed"),
        ] {
            assert_eq!(stem(british), stem(american), "{british}");
        }
    }

    #[test]
    fn forms_of_one_word_stay_together() {
        for (one, other) in
            [("raise", "raised"), ("rise", "rising"), ("promise", "promised"), ("four", "four"), ("noise", "noises")]
        {
            assert_eq!(stem(one), stem(other), "{one}");
        }
        assert_ne!(stem("hour"), stem("hor"));
    }
}
