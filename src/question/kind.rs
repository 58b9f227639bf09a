//! What kind of question it is, read off its form: what the answer must hold, whose words are
//! asked for, which item of a list.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// How an answer is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Who, when, where, which, how much: the sentence that states it.
    Fact,
    /// "Who said that …?"
    WhoSaid,
    /// "What did X say about Y?"
    SaidAbout,
    /// "Which steps …?", "name the …", "list …"
    List,
    /// "How many …?"
    Count,
    /// Why.
    Reason,
    /// How.
    Manner,
    /// "What is X?", "who is X?"
    Definition,
    /// "Did …?", "is …?"
    YesNo,
    /// Words without the form of a question.
    Keywords,
    /// "Translate …", "ignore your instructions": nothing that a quote can answer.
    Instruction,
}

/// What kind of thing the answering sentence must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    Person,
    Place,
    Date,
    Number,
    Money,
    Organisation,
    Age,
    Length,
    Weight,
    Speed,
    Duration,
    Temperature,
    /// A telephone number or an address.
    Contact,
}

impl Expected {
    /// Whether a sentence without it can be told for certain: figures can, names cannot.
    #[must_use]
    pub fn is_figure(self) -> bool {
        !matches!(self, Self::Person | Self::Place | Self::Organisation)
    }
}

/// Which item of an enumeration is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ordinal {
    /// From 1.
    Nth(usize),
    Last,
}

/// What the form of a question tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) kind: Kind,
    pub(super) expects: Option<Expected>,
    pub(super) ordinal: Option<Ordinal>,
    /// The X of "what did X say".
    pub(super) speaker_phrase: Option<String>,
}

impl Form {
    pub(super) fn asks_for_words(&self) -> bool {
        self.kind == Kind::SaidAbout || self.speaker_phrase.is_some()
    }
}

/// Verbs of saying and thinking, every form, for a pattern.
const SAYING: &str = r"(?:sa(?:y|ys|id|ying)|tell|tells|told|think|thinks|thought|believe[sd]?|feel|feels|felt|see|sees|view|views|viewed|describe[sd]?|mention(?:s|ed)?|note[sd]?|argue[sd]?|claim(?:s|ed)?|stress(?:es|ed)?|emphasi[sz]e[sd]?|point(?:s|ed)? out|explain(?:s|ed)?|suggest(?:s|ed)?|recommend(?:s|ed)?|advise[sd]?|propose[sd]?|call(?:s|ed)?(?: for)?|want|wants|hope[sd]?|expect(?:s|ed)?|remark(?:s|ed)?|state[sd]?|add(?:s|ed)?|highlight(?:s|ed)?|answer(?:s|ed)?|repl(?:y|ies|ied)|respond(?:s|ed)?|comment(?:s|ed)?|talk(?:s|ed)?|speak|speaks|spoke|promise[sd]?|warn(?:s|ed)?|urge[sd]?|admit(?:s|ted)?|report(?:s|ed)?|like[sd]?|prefer(?:s|red)?|object(?:s|ed)?|complain(?:s|ed)?|insist(?:s|ed)?|agree[sd]?|ask(?:s|ed)?|consider(?:s|ed)?|quote[sd]?|cite[sd]?|observe[sd]?|reveal(?:s|ed)?|announce[sd]?|confirm(?:s|ed)?|denie[sd]|deny)";

/// Verbs that say after "who" that something was said, and seldom so elsewhere; after "who was"
/// they would ask whom it was said of.
const UTTERING: &str = r"(?:br(?:ings?|ought) up|puts? forward|touch(?:es|ed) (?:up)?on|refer(?:s|red) to|allude[sd] to|raise[sd] (?:the|a|an) (?:question|issue|point|matter|subject|concern|objection|topic)|express(?:es|ed)|underline[sd]|underscore[sd]|doubt(?:s|ed)|fear(?:s|ed)|predict(?:s|ed)|blame[sd]|regret(?:s|ted)|joke[sd]|concede[sd]|acknowledge[sd]|compare[sd]|liken(?:s|ed)|echo(?:es|ed)|praised|thanked|welcomed|criticis?z?ed|left (?:readers|listeners)|posed|hailed)";

/// What somebody may be said to be who said something.
const MINDED: &str = r"(?:hopeful|optimistic|in favou?r|against|worried|thankful)";

/// A form in which `SAYING` stands for any verb of saying.
fn pattern(text: &str) -> Regex {
    crate::text::pattern(&text.replace("SAYING", SAYING).replace("UTTERING", UTTERING).replace("MINDED", MINDED))
}

static INSTRUCTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:please )?(?:translate|write|compose|generate|ignore|forget|disregard|print|pretend|act|draw|code|calculate|compute|sing|play|repeat|rewrite|draft|create|convert|summari[sz]e|imagine|send|delete|open|run|execute|install|book|order|buy)\b",
    )
});
static WHO_SAID: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:and )?(?:who|which (?:speaker|person|participant|official|guest|member|one|councillor|delegate|expert|of (?:them|the speakers|the two))|whose (?:words|opinion|view|idea|claim))\b(?: \w+ly)?(?:(?: (?:is|was|has|had|did|does|were))?(?: it)?(?: who| that)?(?: \w+ly)? (?:SAYING|MINDED)|(?: (?:has|had))?(?: \w+ly)? UTTERING)\b",
    )
});
static SAID_ABOUT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:what|how|which|why|when|where|anything|something)\b[^?]*?\b(?:did|does|do|has|have|had|would|might)\s+(.{2,60}?)\s+(?:\w+ly\s+)?(?:have to |have anything to |have |had |actually |also |both |each |first |ever )?(?:to )?SAYING\b",
    )
});
static YES_NO_SAID: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:and )?(?:did|does|do|has|have|had|was|is)\s+(.{2,60}?)\s+(?:\w+ly\s+|also\s+|ever\s+|too\s+)?(?:have anything to )?SAYING\b",
    )
});
static VIEW_OF: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:what|how) (?:is|was|are|were)\s+(.{2,50}?)(?:['’]s?)\s+(?:\w+ )?(?:view|opinion|take|position|stance|attitude|message|thoughts?|advice|recommendation|answer|reply|response|impression|argument|point|reason)s?\b",
    )
});
static ACCORDING_TO: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:according to|in the (?:words|view|opinion|eyes) of|(?:opinion|views?|position|stance|thoughts?|impressions?|advice|words) of)\s+([^,?.]{2,50}?)(?:[,?.]| (?:on|about|regarding|what|how|why|which|who|is|are|was|were|did|do|does|can|should)\b|$)",
    )
});
static ORDINAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:the |his |her |their |its |['’]s )?(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final|1st|2nd|3rd|4th|5th)\s+(?:\w+\s+)?(?:one|step|point|recommendation|takeaway|item|advice|piece|reason|initiative|measure|suggestion|priority|question|answer|decision|stage|phase|part|tip|idea|proposal|argument|example|condition|goal|aim|thing|bullet|entry|theme|topic|rule|recomm?endation|programme?|project|lesson|benefit|objection|demand|request|concern|risk|option|motion)s?\b",
    )
});
static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:number|no\.?|item|point|step|entry|nr\.?) (one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2})\b|\b(?:is|are|was|comes?|came|stands?|listed|named|mentioned) (first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last)\b|\b(first|second|third|fourth|fifth|sixth|last) (?:in|on|of) the (?:list|enumeration)\b|\bthe (first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final) of (?:(?:the|these|those|them|his|her|its|their)\b|(?:\w+\.? ){0,2}\w+(?:['’]s|s['’]) )",
    )
});
static BARE_ORDINAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:and |what about |how about |what (?:is|was|were) |which (?:is|was) )*the (first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final)\b(?: one)?\s*[:?.]",
    )
});
static LIST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:and )?(?:list|enumerate|name (?:all|the|two|three|four|five|some|every|\d)|give (?:me )?(?:a list|the list|all)|show (?:me )?(?:a list|the list|all)|(?:what|which) (?:are|were) (?:the |all |some of the |its |their |his |her )?(?:[\w.'’]+[ -]){0,4}\w+s\b|(?:which|what) (?:\w+[ -]){0,3}\w+[^s\W]s (?:were|are|was|did|do|does|have|came|come|took|take|should|can|could|has|had|will|would|attended|sent|on|in|made|make|got|get|need|must|belong|stand|appear|feature|were))",
    )
});
static LIST_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:on the list|bullet points?|step by step|what steps|which steps|all (?:the )?(?:\w+ )?(?:items|points|steps|decisions|initiatives|takeaways|measures)|(?:items|points|steps) (?:of|in|on))\b",
    )
});
static COUNT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:how many|what number of|the number of)\b"));
static AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:how (?:much|large|big|long|far|old|high|fast|tall|often|heavy|deep|wide|small|strong)|what (?:share|percentage|proportion|percent|amount|size|volume|figure|rate|level)|by how much|what (?:is|was|are|were) (?:the|its|his|her|their) (?:\w+ )?(?:population|age|height|length|width|depth|weight|distance|number|phone number|telephone number|salary|wage|turnover|revenue|temperature|speed|capacity|percentage|share|budget|cost|price|fee|fare))\b",
    )
});
/// Measures, each with the questions that ask for it; the first that fits counts.
static MEASURES: LazyLock<Vec<(Regex, Expected)>> = LazyLock::new(|| {
    [
        (r"(?i)\bhow old\b|\b(?:what|which) age\b|\b(?:is|was) the age of\b", Expected::Age),
        (r"(?i)\bhow (?:deep|high|tall|wide|far|thick|broad)\b|\b(?:what|which) (?:is|was|are) the (?:\w+ )?(?:depth|height|width|distance|length)\b", Expected::Length),
        (r"(?i)\bhow heavy\b|\bhow much (?:does|do|did) .+ weigh\b|\bwhat (?:does|do|did) .+ weigh\b|\b(?:is|was) the (?:\w+ )?weight of\b", Expected::Weight),
        (r"(?i)\bhow fast\b|\b(?:what|which) (?:top |average |maximum )?speed\b|\b(?:is|was) the (?:top |average |maximum )?speed\b", Expected::Speed),
        (r"(?i)\bhow long (?:do|does|did|has|have|had|will|would|can|must|should|until|till|before)\b|\bfor how long\b|\bhow (?:many|much) (?:hours|minutes|days|weeks|months|years)\b", Expected::Duration),
        (r"(?i)\bhow (?:warm|hot|cold)\b|\b(?:what|which) temperature\b|\b(?:is|was) the temperature\b", Expected::Temperature),
        (r"(?i)\b(?:phone|telephone|fax|mobile) number\b|\be-?mail address\b|\bpostal address\b|\b(?:what|which) (?:is|was) the (?:address|website)\b", Expected::Contact),
    ]
    .into_iter()
    .map(|(text, expected)| (pattern(text), expected))
    .collect()
});
static MONEY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:cost|costs|price|prices|fare|fares|budget|pay|paid|dollars?|euros?|pounds?|money|fee|fees|worth|spend|spent|funding|salary)\b",
    )
});
static WHEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\b(?:and|but|since|until|till|by|from) )when\b|\b(?:(?:what|which) (?:day|date|year|month|weekday|week|time|season|century|decade)|on what (?:day|date)|how long ago)\b",
    )
});
static WHERE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\b(?:and|but) )where\b|\b(?:in|at|to|from) (?:what|which) (?:city|country|place|town|state|region|province|venue|village|port|station)\b|^(?:what|which) (?:city|country|place|town|state|region|province|venue|capital|village|port)\b",
    )
});
static WHO: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\b(?:and|but|by|to|with|for|of|from) )(?:who|whom|whose)\b|^(?:what|which) (?:person|man|woman|official|speaker|leader|politician|expert|author|journalist)\b",
    )
});
static ORGANISATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:which|what) (?:body|organi[sz]ation|company|institution|agency|authority|publisher|outlet|newspaper|office|ministry|firm|group|team|party|bank|university|airline|railway|manufacturer|supplier|brand|school)\b",
    )
});
static DEFINITION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:and )?(?:(?:what|who)(?:['’]s| is| are| was| were) (?:an? |the )?(?:[\w.'’-]+ ?){1,4}\??$|define |what does .+ mean\b|what is meant by )",
    )
});
static YES_NO: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:and |so |but )?(?:is|are|was|were|did|does|do|has|have|had|can|could|will|would|should|must|may|might)\b",
    )
});
static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\?\s*$|\b(?:who|whom|whose|what|when|where|why|how|which)\b|^(?:list|name|describe|explain|tell|give|show|define|compare)\b",
    )
});
static WHY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:and |so |but )?(?:why|how come|for what reason)\b|\bwhat (?:is|was|are|were) (?:the |his |her |their |its )?(?:main )?(?:reasons?|causes?|grounds?|rationale|purpose)\b|\bwhat (?:reasons?|makes?|made|causes?|caused|explains?|led)\b",
    )
});
static HOW: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:and |so |but )?(?:how|in (?:what|which) ways?|by what means)\b"));

/// Reads the form of a question.
pub(super) fn classify(text: &str) -> Form {
    let speaker_phrase = speaker_phrase(text);
    let expects = expected(text);
    Form { kind: kind(text, speaker_phrase.is_some(), expects), expects, ordinal: ordinal(text), speaker_phrase }
}

fn kind(text: &str, names_speaker: bool, expects: Option<Expected>) -> Kind {
    if INSTRUCTION.is_match(text) {
        Kind::Instruction
    } else if WHO_SAID.is_match(text) {
        Kind::WhoSaid
    } else if COUNT.is_match(text) {
        Kind::Count
    } else if LIST.is_match(text) || LIST_WORDS.is_match(text) {
        Kind::List
    } else if WHY.is_match(text) {
        Kind::Reason
    } else if names_speaker {
        Kind::SaidAbout
    } else if YES_NO.is_match(text) {
        Kind::YesNo
    } else if expects.is_some_and(|e| e.is_figure() || e == Expected::Place) {
        Kind::Fact
    } else if HOW.is_match(text) {
        Kind::Manner
    } else if DEFINITION.is_match(text) {
        Kind::Definition
    } else if ASKS.is_match(text) {
        Kind::Fact
    } else {
        Kind::Keywords
    }
}

fn expected(text: &str) -> Option<Expected> {
    if let Some((_, measure)) = MEASURES.iter().find(|(form, _)| form.is_match(text)) {
        return Some(*measure);
    }
    if COUNT.is_match(text) {
        Some(Expected::Number)
    } else if AMOUNT.is_match(text) {
        Some(if MONEY.is_match(text) { Expected::Money } else { Expected::Number })
    } else if WHEN.is_match(text) {
        Some(Expected::Date)
    } else if WHERE.is_match(text) {
        Some(Expected::Place)
    } else if ORGANISATION.is_match(text) {
        Some(Expected::Organisation)
    } else if WHO.is_match(text) && !WHO_SAID.is_match(text) {
        Some(Expected::Person)
    } else {
        None
    }
}

fn ordinal(text: &str) -> Option<Ordinal> {
    let found = [&ORDINAL, &BARE_ORDINAL, &NUMBERED].iter().find_map(|p| p.captures(text))?;
    let word = found.iter().skip(1).flatten().next()?.as_str().to_lowercase();
    Some(match word.as_str() {
        "last" | "final" => Ordinal::Last,
        word => Ordinal::Nth(number(word)?),
    })
}

/// Whether a word says which item is meant.
pub(super) fn is_ordinal_word(folded: &str) -> bool {
    matches!(folded, "last" | "final") || number(folded).is_some()
}

/// The value of a number or ordinal word.
fn number(word: &str) -> Option<usize> {
    const ORDINALS: [&str; 10] =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    const CARDINALS: [&str; 10] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let listed = |words: [&str; 10]| words.iter().position(|w| *w == word).map(|i| i + 1);
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    listed(ORDINALS).or_else(|| listed(CARDINALS)).or_else(|| digits.parse().ok())
}

/// The X of "what did X say", "X's view on", "according to X".
fn speaker_phrase(text: &str) -> Option<String> {
    [&VIEW_OF, &ACCORDING_TO, &SAID_ABOUT, &YES_NO_SAID].iter().find_map(|p| {
        let phrase = p.captures(text)?.get(1)?.as_str().trim();
        // "What did the report say": the document itself is no speaker. "How do you see": nobody.
        (!is_document_word(phrase) && !is_pronoun(phrase)).then(|| phrase.to_owned())
    })
}

fn is_document_word(phrase: &str) -> bool {
    static DOCUMENT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:article|report|document|text|page|story|piece|transcript|section|source|sources|interview|paragraph|podcast|news|paper|list)\b",
        )
    });
    DOCUMENT.is_match(phrase)
}

fn is_pronoun(phrase: &str) -> bool {
    const PRONOUNS: &[&str] = &[
        "you", "i", "we", "it", "they", "one", "people", "this", "that", "he", "she", "there", "someone", "anyone",
        "everyone", "anybody", "somebody",
    ];
    PRONOUNS.contains(&phrase.to_lowercase().as_str())
}

/// Whether a question that somebody put is asked for.
pub(super) fn wants_question(text: &str) -> bool {
    static QUESTION: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:questions?|ask|asks|asked|asking|inquired?|quer(?:y|ies))\b"));
    QUESTION.is_match(text)
}

/// Whether the asker speaks of themselves or of this very day.
pub(super) fn is_here_and_now(text: &str) -> bool {
    static HERE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:do|can|should|could|may|shall|am|did|have|would) i\b|\b(?:book|buy|get|send|find) me\b|\b(?:today|tonight|tomorrow|right now|this (?:weekend|evening|afternoon|morning))\b",
        )
    });
    HERE.is_match(text)
}

/// "Who is the …?", "who was the first …?"
pub(super) fn asks_role(text: &str) -> bool {
    static ROLE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:and |so )?who(?:['’]s| is| was| are| were) (?:currently |now )?(?:the|its|their|his|her)\b")
    });
    ROLE.is_match(text)
}

/// Words that ask what somebody is: "which *office* does Reed *hold*". The documents say what it is,
/// and not that it is an office.
pub(super) fn position_words(text: &str) -> Vec<Range<usize>> {
    static POSITION: LazyLock<Regex> = LazyLock::new(|| {
        let position = r"(?:official |exact |current |professional )?((?:job )?title|office|position|post|role|job|function|profession|occupation|rank)";
        pattern(&format!(
            r"(?i)\b(?:what|which) {position} (?:did|does|do|has|had)\b.*?\b(hold|held|have|had|occupy|occupied|fill|filled)\b|\b(?:what|which) (?:is|was) .+['’]s {position}\s*\W*$|\bwhat (?:did|does|do) .+ (do for a living)\b",
        ))
    });
    POSITION.captures(text).map(|found| found.iter().skip(1).flatten().map(|m| m.range()).collect()).unwrap_or_default()
}

/// "What is the name of …?", "which company …?": only a name answers.
pub(super) fn asks_name(text: &str) -> bool {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:what|which) (?:is|was|are|were) the names? of\b|\bwhat(?:['’]s| is| was| are| were) (?:\S+ ){1,4}(?:called|named|names?\s*\??$)|\b(?:which|what) (?:other |two |three |four )?(?:airlines?|authors?|banks?|brands?|bod(?:y|ies)|cit(?:y|ies)|compan(?:y|ies)|countr(?:y|ies)|firms?|institutions?|manufacturers?|ministers?|ministry|ministries|newspapers?|organi[sz]ations?|politicians?|publishers?|railways?|rivers?|schools?|streets?|suppliers?|towns?|universit(?:y|ies)|villages?)\b",
        )
    });
    NAME.is_match(text)
}

/// The Y of "what did X say about Y".
pub(super) fn subject(text: &str) -> Option<&str> {
    static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:SAYING|view|views|opinion|opinions|position|stance|thoughts?|take|attitude|have to say|remarks?|comments?)\b(?: (?:to|with) (?:\w+ ){1,3})?\s*(?:about|on|of|regarding|concerning|as to|towards?)\s+(.+?)\s*[?.!]*$",
        )
    });
    SUBJECT.captures(text)?.get(1).map(|m| m.as_str())
}

/// Words that say how something is asked and not what about; they are no topic.
pub(super) fn is_asking_word(folded: &str) -> bool {
    static ASKING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?:SAYING|view|views|opinion|opinions|list|name|describe|explain|tell|according|exactly|anything|something|reason|reasons|way|ways|kind|kinds|sort|type|regarding|concerning|word|words|quote|mean|means|meant|article|report|interview|document|speaker|speakers|person|happen|happened|happens)$",
        )
    });
    ASKING.is_match(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_only_a_name_answers_is_known() {
        for (text, asks) in [
            ("What is the name of the school?", true),
            ("What was the ship called?", true),
            ("Which company runs the ferry?", true),
            ("And which two universities take part?", true),
            ("What's the dog's name?", true),
            ("Which ferry is late?", false),
            ("What is called off?", false),
            ("Why was the company founded?", false),
        ] {
            assert_eq!(asks_name(text), asks, "{text}");
        }
    }

    #[test]
    fn words_that_ask_what_somebody_is_are_told_from_the_matter() {
        for (text, words) in [
            ("What office does Tom Reed hold?", vec!["office", "hold"]),
            ("Which post did Reed occupy in 2019?", vec!["post", "occupy"]),
            ("What is Tom Reed's profession?", vec!["profession"]),
            ("what does reed do for a living", vec!["do for a living"]),
            ("What is Tom Reed's job title?", vec!["job title"]),
            ("What role does trade play?", vec![]),
            ("Which post office did Tom Reed manage?", vec![]),
            ("Where is Reed's office?", vec![]),
            ("When did the post office open?", vec![]),
        ] {
            let found: Vec<&str> = position_words(text).into_iter().map(|r| &text[r]).collect();
            assert_eq!(found, words, "{text}");
        }
    }

    #[test]
    fn the_form_tells_the_kind() {
        for (text, kind) in [
            ("Who said that fares must fall?", Kind::WhoSaid),
            ("Who is hopeful about the harbour?", Kind::WhoSaid),
            ("Who brought up the noise?", Kind::WhoSaid),
            ("Who raised the question of the fares?", Kind::WhoSaid),
            ("Who has praised the pier?", Kind::WhoSaid),
            ("Who raised the money?", Kind::Fact),
            ("Who was blamed for the fire?", Kind::Definition),
            ("Which speaker called the plan reckless?", Kind::WhoSaid),
            ("What did the mayor say about fares?", Kind::SaidAbout),
            ("What does Reed think of the crane?", Kind::SaidAbout),
            ("What is Whitlock's view on noise?", Kind::SaidAbout),
            ("Which steps were decided?", Kind::List),
            ("What are the main risks?", Kind::List),
            ("List all decisions", Kind::List),
            ("How many berths are there?", Kind::Count),
            ("Why was the pier closed?", Kind::Reason),
            ("How will the work be paid for?", Kind::Manner),
            ("Who is Tom Reed?", Kind::Definition),
            ("When does it open?", Kind::Fact),
            ("Did the council vote?", Kind::YesNo),
            ("ferry timetable winter", Kind::Keywords),
            ("Translate this into French", Kind::Instruction),
        ] {
            assert_eq!(classify(text).kind, kind, "{text}");
        }
    }

    #[test]
    fn the_form_tells_what_the_answer_must_hold() {
        for (text, expected) in [
            ("When was it built?", Some(Expected::Date)),
            ("On which day of the week did it open?", Some(Expected::Date)),
            ("In which city was it held?", Some(Expected::Place)),
            ("Who runs the harbour?", Some(Expected::Person)),
            ("How much did the crane cost?", Some(Expected::Money)),
            ("How large was trade?", Some(Expected::Number)),
            ("Which company built it?", Some(Expected::Organisation)),
            ("What colour is it?", None),
            ("How old is the pier?", Some(Expected::Age)),
            ("How deep is the basin?", Some(Expected::Length)),
            ("What does the anchor weigh?", Some(Expected::Weight)),
            ("How long will the work take?", Some(Expected::Duration)),
            ("What is the telephone number of the office?", Some(Expected::Contact)),
        ] {
            assert_eq!(classify(text).expects, expected, "{text}");
        }
    }

    #[test]
    fn ordinals_count_only_before_an_item() {
        assert_eq!(classify("What was her third recommendation?").ordinal, Some(Ordinal::Nth(3)));
        assert_eq!(classify("and the last one?").ordinal, Some(Ordinal::Last));
        assert_eq!(classify("What is the second of the districts next in line?").ordinal, Some(Ordinal::Nth(2)));
        assert_eq!(classify("What is the last of Tom Reed's demands?").ordinal, Some(Ordinal::Last));
        assert_eq!(classify("Who was the first to arrive?").ordinal, None);
        assert_eq!(classify("What opened on the first of May?").ordinal, None);
    }
}
