//! Politeness around a question: greetings, "could you tell me", thanks.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::pattern;

static OPENINGS: LazyLock<Regex> = LazyLock::new(|| {
    let parts = [
        r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|greetings|dear (?:\w+ ?){1,3}|excuse me|sorry|please|kindly|ok|okay|so|well|um+|thanks|thank you)(?:[,!.:;]+\s*|\s+)",
        r"(?:could|can|would|will|might|may) (?:you|i|we) (?:please |kindly |possibly |perhaps |maybe |just |be so kind (?:as )?to |help me (?:to )?(?:understand|find out|know) ?)*(?:(?:tell|inform|remind|show|ask|let|give|explain to|find out for) ?(?:me|us|you)?(?: know)?(?: about| of)?|ask|know|find out|explain|say)\s*[,:]?\s*(?:please[,:]? )?(?:if |whether )?(?:you know )?",
        r"i(?:'d| would|’d)? (?:be (?:most |very |so )?(?:grateful|glad|happy|thankful) (?:if you (?:could|would|can) )|(?:really |just )?(?:like|love|want|wish|need|care) to (?:know|ask|learn|find out|hear|understand)|was wondering|am wondering|wonder|wanted to (?:know|ask))\s*[,:]?\s*(?:(?:please |kindly )*(?:let|tell|inform|show) (?:me|us)(?: know)?(?: about)?\s*)?(?:if |whether |about )?(?:you (?:could|can|would) (?:please |kindly )*(?:tell|let|show|inform) (?:me|us)(?: know)? ?)?",
        r"(?:do|did|would) you (?:happen to )?know (?:if |whether )?",
        r"(?:i have a |just a |a |one )?(?:quick |short |small )?question\s*[:,.–—-]+\s*",
        r"(?:please |kindly )*(?:tell|inform|remind) (?:me|us)(?: please)?[,:]? (?:if |whether )?",
    ];
    pattern(&format!(r"(?i)^(?:{})", parts.join("|")))
});

static CLOSINGS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)[\s,.!?;–—-]*\b(?:(?:many |very many )?thanks(?: a lot| so much| very much)?|thank you(?: (?:very|so) much| kindly)?|cheers|please|pls|if (?:you (?:don'?t|do not) mind|possible|i may ask))(?:,? in advance)?\s*([.!?]*)\s*$",
    )
});

/// The question without the politeness around it; the whole text when nothing else is there.
#[must_use]
pub fn strip(text: &str) -> String {
    let mut core = text.trim().to_owned();
    for _ in 0..8 {
        let mut next = core.clone();
        if let Some(found) = OPENINGS.find(&next)
            && !found.is_empty()
        {
            next = next[found.end()..].to_owned();
        }
        if let Some(found) = CLOSINGS.captures(&next) {
            let whole = found.get(0).map_or(0..0, |m| m.range());
            let mark = if next[whole.clone()].contains('?') { "?" } else { "" };
            next = format!("{}{mark}", &next[..whole.start]);
        }
        let next = next.trim().to_owned();
        if next == core || !next.contains(char::is_alphanumeric) {
            break;
        }
        core = next;
    }
    core
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn politeness_is_left_out_and_the_question_stays() {
        for (text, core) in [
            ("Hello! Could you please tell me when the ferry leaves?", "when the ferry leaves?"),
            (
                "Good morning! I would be most grateful if you could kindly let me know which towns took part. Thank you very much in advance!",
                "which towns took part",
            ),
            ("I'd like to know who paid, thanks", "who paid"),
            ("Do you know where it is?", "where it is?"),
            ("Quick question: who won?", "who won?"),
            ("Where is it, please?", "Where is it?"),
            ("What did she thank you for?", "What did she thank you for?"),
            ("please", "please"),
        ] {
            assert_eq!(strip(text), core, "{text}");
        }
    }
}
