//! Whose work a text is: bylines, credits, who took the minutes.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::pattern;

/// Two to four words with capitals.
const NAME: &str = r"\p{Lu}[\w.'’-]*(?: \p{Lu}[\w.'’-]*){1,3}";

/// "By Jane Doe", "Report and interview: Jane Doe", "The report was written by Jane Doe". A report or
/// an interview alone before a colon is followed by what it is of.
pub(super) fn names_author(sentence: &str) -> bool {
    static AUTHOR: LazyLock<Regex> = LazyLock::new(|| {
        maker_of(
            r"text|words|written|author|(?:report|reporting|story|interview|article) and \w+",
            "text|words|story|report|reporting|interview|article|written",
        )
    });
    AUTHOR.is_match(sentence) || is_byline(sentence)
}

/// "Minutes: Jane Doe, clerk", "Notes were taken by the trainee Jane Doe".
pub(super) fn names_minute_taker(sentence: &str) -> bool {
    static MINUTE_TAKER: LazyLock<Regex> =
        LazyLock::new(|| maker_of("minutes|notes|record|transcript", "minutes|notes|record|transcript"));
    MINUTE_TAKER.is_match(sentence)
}

/// A sentence that names whoever made one of these things: after a colon, or after "by" where the
/// thing is this text and not another that is spoken of ("the report by the bank says …").
fn maker_of(colon: &str, by: &str) -> Regex {
    let verbs = "written|compiled|taken|recorded|prepared|drawn up|kept";
    let end = r"(?:,|\.?$| and | of the )";
    pattern(&format!(
        r"^(?:(?i:{colon})(?: and \w+)?: ?{NAME}(?:,|\.?$| and )|(?i:(?:the |this |these )?(?:{by}) (?:was|were) (?:{verbs}) by) (?:\w+ ){{0,3}}?{NAME}|(?i:(?:this |these )?(?:{by})(?: and \w+)?(?: (?:{verbs}))? by) (?:\w+ ){{0,3}}?{NAME}{end})"
    ))
}

/// "By Jane Doe", "By Jane Doe and Tom Reed, science correspondents".
pub(super) fn is_byline(sentence: &str) -> bool {
    static BYLINE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"^(?i:by) (?:(?:\p{{Ll}}+ ){{0,3}}{NAME}(?:(?: and|,) {NAME})*(?:, (?:[\w’'-]+ ?){{1,5}})?|\p{{Lu}}[\w.'’-]*)\.?$"
        ))
    });
    BYLINE.is_match(sentence.trim())
}

/// Words that end the name of a paper or a station.
pub(super) fn is_outlet(folded: &str) -> bool {
    matches!(
        folded,
        "news" | "press" | "radio" | "tv" | "daily" | "times" | "post" | "media" | "journal" | "magazine" | "online"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_that_says_whose_work_it_is_is_known() {
        for text in [
            "By Ada Whitlock",
            "By Ada Whitlock.",
            "By our correspondent Ada Whitlock",
            "By Ada Whitlock and Tom Reed, science correspondents",
            "By Reuters",
            "Text by Ada Whitlock, photographs by Tom Reed",
            "Report and interview: Ada Whitlock",
            "This report was written by Ada Whitlock of the harbour office.",
            "Written by Ada Whitlock",
        ] {
            assert!(names_author(text) && !names_minute_taker(text), "{text}");
        }
        for text in ["Minutes: Ada Whitlock, clerk", "Notes were taken by the trainee Ada Whitlock."] {
            assert!(names_minute_taker(text) && !names_author(text), "{text}");
        }
        for text in [
            "Minutes: Approved as read.",
            "Notes: All prices include tax.",
            "Report: Flooding closes the A6",
            "Written German is taught in every school.",
            "The flood report was compiled by engineers from Delft.",
            "Words fail.",
            "By Friday, the Council had voted.",
            "The report by the World Bank says trade doubled.",
            "This story by Kate Chopin is set in Louisiana.",
            "Report: Climate Change",
            "Interview: Mei Lin, mayor of Nanning",
            "The record by Usain Bolt still stands.",
        ] {
            assert!(!names_minute_taker(text) && !names_author(text), "{text}");
        }
    }
}
