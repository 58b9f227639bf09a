//! Function words: they say how a question is put, not what it is about.

/// Sorted, lower case, apostrophes plain.
const STOP_WORDS: &[&str] = &[
    "a", "about", "above", "after", "again", "ah", "all", "also", "am", "among", "an", "and", "any", "are", "aren't",
    "around", "as", "at", "be", "because", "been", "before", "being", "both", "but", "by", "can", "can't", "cannot",
    "could", "couldn't", "did", "didn't", "do", "does", "doesn't", "doing", "don't", "during", "each", "either",
    "else", "ever", "every", "for", "from", "get", "gets", "getting", "give", "given", "gives", "got", "had",
    "hadn't", "has", "hasn't", "have", "haven't", "having", "he", "he's", "hello", "her", "here", "hers", "herself",
    "hi", "him", "himself", "his", "how", "however", "i", "i'd", "i'm", "i've", "if", "in", "into", "is", "isn't",
    "it", "it's", "its", "itself", "just", "kindly", "know", "let", "let's", "like", "many", "may", "me", "might",
    "more", "most", "much", "must", "my", "myself", "no", "nor", "not", "of", "off", "oh", "ok", "okay", "on", "one",
    "ones", "only", "or", "other", "others", "our", "ours", "out", "over", "own", "per", "please", "really", "s",
    "said", "same", "say", "saying", "says", "shall", "she", "she's", "should", "shouldn't", "so", "some",
    "something", "such", "t", "tell", "than", "thank", "thanks", "that", "that's", "the", "their", "theirs", "them",
    "themselves", "then", "there", "there's", "these", "they", "they're", "thing", "things", "this", "those",
    "through", "to", "too", "um", "under", "until", "up", "upon", "us", "very", "via", "was", "wasn't", "we", "we're",
    "we've", "well", "were", "weren't", "what", "what's", "whatever", "when", "where", "whether", "which", "while",
    "who", "who's", "whom", "whose", "why", "will", "with", "within", "without", "won't", "would", "wouldn't", "yes",
    "yet", "you", "you're", "you've", "your", "yours", "yourself",
];

/// Whether a folded word is a function word.
#[must_use]
pub fn is_stop_word(folded: &str) -> bool {
    STOP_WORDS.binary_search(&folded).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        assert!(STOP_WORDS.is_sorted(), "{:?}", STOP_WORDS.windows(2).find(|w| w[0] > w[1]));
        assert!(is_stop_word("the") && !is_stop_word("harbour"));
    }
}
