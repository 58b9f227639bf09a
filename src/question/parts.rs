//! Two or three questions asked at once.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::{is_stop_word, pattern, sentences, terms};

/// A joint before which one question ends and after which the next begins: "…, and who …".
static JOINT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:[,;]\s*|\s+)(?:and|or|as well as|and also|plus)\s+((?:(?:on|in|at|to|from|for|by|with|of) )?(?:who|whom|whose|what|when|where|why|how|which)\b)",
    )
});

const MOST_PARTS: usize = 3;

/// The questions of a text in order; the whole text when it is one.
#[must_use]
pub fn split(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for range in sentences(text) {
        let sentence = &text[range];
        let mut start = 0;
        for joint in JOINT.captures_iter(sentence) {
            let (Some(whole), Some(next)) = (joint.get(0), joint.get(1)) else { continue };
            if asks(&sentence[start..whole.start()]) && asks(&sentence[next.start()..]) {
                parts.push(sentence[start..whole.start()].trim().to_owned());
                start = next.start();
            }
        }
        parts.push(sentence[start..].trim().to_owned());
    }
    // Sentences that ask nothing ("We met last week.") are background, unless nothing asks.
    let asking: Vec<String> = parts.iter().filter(|p| looks_like_question(p)).cloned().collect();
    let mut parts = if asking.is_empty() { vec![text.to_owned()] } else { asking };
    parts.truncate(MOST_PARTS);
    parts
}

/// Enough to be a question of its own: a content word.
fn asks(part: &str) -> bool {
    terms(part).iter().any(|t| !is_stop_word(&t.folded))
}

fn looks_like_question(part: &str) -> bool {
    const WORDS: &[&str] = &["who", "whom", "whose", "what", "when", "where", "why", "how", "which", "list", "name"];
    part.contains(['?', '？']) || terms(part).iter().take(3).any(|t| WORDS.contains(&t.folded.as_str()))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_joint_needs_a_question_on_both_sides() {
        assert_eq!(split("Who paid, and when was it built?"), ["Who paid", "when was it built?"]);
        assert_eq!(split("What do the report and the interview say?").len(), 1);
        assert_eq!(split("Who and what?").len(), 1);
        assert_eq!(split("Where is it? Who runs it?").len(), 2);
        assert_eq!(split("We met last week. Where is the quay?"), ["Where is the quay?"]);
        assert_eq!(split("harbour fees"), ["harbour fees"]);
    }
}
