//! Words of a question that name the layout of a document and not what is asked about: "as bullet
//! points", "number three", "the section on …". A document seldom holds them, so that they must not
//! count as something the sources do not mention.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::text::pattern;

/// What is captured is the layout; what is not only tells it from the matter.
static LAYOUT: LazyLock<Regex> = LazyLock::new(|| {
    let parts = [
        r"(bullet(?:ed)?[ -](?:points?|lists?|items?|entries))",
        r"(?:as|in|of) (?:the )?(bullets)|(bullets) (?:under|on|in|about)",
        r"((?:numbered|itemi[sz]ed) (?:lists?|points?|items?|paragraphs?)|ordered lists?)",
        r"((?:number|no\.|nr\.?|item|point|entry) (?:one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2}))",
        r"(items?|points?|entry|entries) (?:on|in|of) (?:the|this|that|his|her|their|its) (?:\w+ )?(lists?)",
        r"(?:the|which|what|this|that) (section|paragraph|heading|chapter) (?:on|about|called|titled|entitled|named|headed|with the title|dealing with|covering|says?|of the (?:article|report|document|text|interview))",
        r"(?:under|below|beneath) the (heading)",
    ];
    pattern(&format!(r"(?i)\b(?:{})\b", parts.join("|")))
});

/// Where such words stand in a question, bytes of `text` in ascending order.
pub(super) fn ranges(text: &str) -> Vec<Range<usize>> {
    LAYOUT
        .captures_iter(text)
        .flat_map(|found| found.iter().skip(1).flatten().map(|m| m.range()).collect::<Vec<_>>())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_is_told_from_the_matter() {
        for (text, layout) in [
            ("Which steps are given as bullet points?", vec!["bullet points"]),
            ("What is the last rule in the bulleted list?", vec!["bulleted list"]),
            ("Which advice is given in the bullets?", vec!["bullets"]),
            ("What is number three of the tips?", vec!["number three"]),
            ("Which is the first item on the shopping list?", vec!["item", "list"]),
            ("What does the section on noise say?", vec!["section"]),
            ("What stands under the heading Noise?", vec!["heading"]),
            ("Who fired the bullet?", vec![]),
            ("When did the bullet train open?", vec![]),
            ("Who ordered items for the kitchen?", vec![]),
            ("Which section of the line is closed?", vec![]),
            ("Why was the section under the bridge closed?", vec![]),
            ("At which point did they turn back?", vec![]),
            ("What is the telephone number?", vec![]),
            ("Who paid for the passage on the ferry?", vec![]),
        ] {
            let found: Vec<&str> = ranges(text).into_iter().map(|r| &text[r]).collect();
            assert_eq!(found, layout, "{text}");
        }
    }
}
