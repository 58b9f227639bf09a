//! Questions about the document itself: who published it, its title, its sections, who speaks in
//! it, how many turns it has. Answered from the structure, not by matching words.

use std::sync::LazyLock;

use regex::Regex;

use super::credit::{is_byline, is_outlet, names_author, names_minute_taker};
use super::score::answering_turn;
use super::select::heading_named;
use super::{Evidence, Place, Scene, Shape, Statement};
use crate::corpus::{BlockId, BlockKind, Document, SpeakerId};
use crate::question::{Ordinal, Query};
use crate::text::{pattern, terms, word_ranges};

/// What of a document is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Publisher,
    /// Who wrote it: the line that says so, else the publisher.
    Author,
    /// Who took the minutes, where the document says so.
    Minutes,
    /// What the document is about.
    Theme,
    Date,
    Title,
    Place,
    Language,
    Interviewer,
    Interviewee,
    Speakers,
    Sections,
    TurnCount,
    QuestionCount,
    SpeakerCount,
    SectionCount,
    /// The name of a section, or the heading that the interview stands under.
    Heading,
    /// The section that something stands in.
    SectionOf,
    /// The nth or last question of the interviewer.
    Question,
    /// How somebody begins.
    Opening,
    /// How somebody ends.
    Closing,
}

/// A form in which `DOC` stands for any word for a document.
fn form(text: &str) -> Regex {
    let document = r"(?:article|report|interview|document|piece|transcript|publication|podcast|episode|page|text|story|conversation|minutes|source|write-up|coverage|press release)";
    pattern(&format!("(?i){}", text.replace("DOC", document)))
}

/// In order: the first that fits counts.
static FORMS: LazyLock<Vec<(Regex, Asked)>> = LazyLock::new(|| {
    [
        (r"\bwhat(?:['’]s| is| was| are| were) (?:(?:the|this|that|these) (?:\w+ )?DOC|it|this|that) (?:all |mainly |basically |generally )?(?:about|concerned with)\b(?:,? ?(?:in (?:short|brief|a nutshell|general|one sentence|a few words)|overall|mainly|exactly))?\s*[?.!]*$|\bwhat (?:does|do|did) (?:the|this) DOC (?:deal with|cover|discuss|report on|report about|talk about|treat)\s*[?.!]*$|\b(?:topic|subject|subject matter|gist) of (?:the|this) DOC\s*[?.!]*$|\bwhat (?:topic|subject) (?:does|did) (?:the|this) DOC\b", Asked::Theme),
        (r"\b(?:what|which|under (?:what|which)) (?:heading|title|headline|section)\b.*\b(?:stand|stands|appear|appears|come|comes|under|above|open|opens)\b|\b(?:section|chapter|part) (?:on|about|that deals with|dealing with|covering) .+ (?:called|titled|entitled|named|headed)\b|\b(?:title|heading|name) of the (?:section|chapter|part)\b", Asked::Heading),
        (r"\b(?:which|what|in (?:which|what)) (?:section|chapter|part|heading)\b.*\b(?:lists?|listed|covers?|covered|deals?|dealt|talks?|discuss\w*|describes?|described|mentions?|mentioned|treats?|is about|contains?|says?|find)\b", Asked::SectionOf),
        (r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|last|final|opening|closing) question\b", Asked::Question),
        (r"\bhow (?:does|did|do) .+ (?:open|opens|begin|start)\b(?:.*\b(?:DOC|meeting|session)\b|\s*[?.!]*$)|\b(?:first|opening) (?:words|remarks?|sentence|line)\b|\bhow (?:does|did) the (?:DOC|meeting|session) (?:open|begin|start)\b", Asked::Opening),
        (r"\bhow (?:does|did|do) .+ (?:close|end|finish|conclude|wrap up|sign off)\b(?:.*\b(?:DOC|meeting|session)\b|\s*[?.!]*$)|\b(?:last|final|closing|parting) (?:words|remarks?|sentence|line|thoughts?)\b|\bhow (?:does|did) the (?:DOC|meeting|session) (?:close|end|finish|conclude)\b|\b(?:draw|drew|say|said|add|added|conclude|concluded) (?:at|in) the (?:very )?end\b", Asked::Closing),
        (r"\bhow many (?:\w+ )?(?:turns?|exchanges)\b|\bnumber of (?:\w+ )?turns\b", Asked::TurnCount),
        (r"\bhow many (?:\w+ )?questions\b.*\b(?:ask|asked|asks|put|pose[sd]?|interview\w*|answered|DOC)\b", Asked::QuestionCount),
        (r"\bhow many (?:\w+ )?(?:speakers|people|persons|voices|participants)\b.*\b(?:take the floor|speak|spoke|talk|talked|heard|DOC|turns?)\b", Asked::SpeakerCount),
        (r"\bhow many (?:\w+ )?(?:sections|headings|chapters)\b|\bhow many (?:\w+ )?parts\b.*\bDOC\b", Asked::SectionCount),
        (r"\b(?:which|what|list|name|give|show|tell)\b.*\b(?:sections|headings|headlines|chapters|subheadings|section titles)\b|\bhow is the DOC (?:structured|organi[sz]ed|divided)\b|\bheadings of the DOC\b", Asked::Sections),
        (r"\bwho (?:conducted|did|led|held|carried out|hosted|hosts|ran|runs|moderated) (?:the|this) DOC\b|\bwho (?:is|was) the (?:interviewer|host|moderator|presenter)\b|\bwho (?:interviewed|interviews) \w+|\bwho (?:asked|asks|put|puts|posed|poses) (?:all |all the |the )?questions\b|\bwho (?:is|was) asking\b|\bname of the (?:interviewer|host)\b", Asked::Interviewer),
        (r"\bwho (?:was|is|gets?|got|were) (?:being )?(?:interviewed|questioned)\b|\bwho (?:is|was) the (?:interviewee|guest)\b|\bwho (?:gave|gives|answered|answers|replies|replied)\b.*\b(?:DOC|questions)\b|\b(?:with whom|who) (?:is|was) the interview (?:held |conducted |done )?(?:with)?\b|\bname of the (?:interviewee|guest)\b", Asked::Interviewee),
        (r"\b(?:who|which people|which persons) (?:are|were|is) (?:the )?(?:speakers|speaking|talking|people)\b.*\bDOC\b|\bwho (?:speaks|talks|takes part|appears|took part|spoke)\b.*\bDOC\b|\bspeakers in the DOC\b", Asked::Speakers),
        (r"\bwho (?:took|kept|wrote|recorded) (?:the|this|these|those) (?:minutes|notes|record)(?: of (?:the|this) (?:meeting|session|sitting|hearing|talk|conversation))?\s*[?.!]*$", Asked::Minutes),
        (r"\bwho (?:wrote|authored|penned|writes) (?:the|this|it|that)(?: DOC\b.*|\s*[?.!]*$)|\bwho (?:is|was) the (?:author|writer)\b|\b(?:name of the|which|what) (?:author|journalist|reporter|writer)\b.*\b(?:wrote|written|DOC)\b|\bauthors? of (?:the|this) DOC\b|\b(?:the|this) DOC (?:was )?written by\b|\bbyline\b", Asked::Author),
        (r"\b(?:who|which|what) (?:\w+ ){0,2}(?:published|publishes|released|issued|printed|ran|carried|put out|brought out) (?:the|this|these|it)\b.*\bDOC\b|\b(?:which|what) (?:\w+ )?(?:station|channel|broadcaster|network) (?:produced|broadcast|aired|made) (?:this (?:talk|programme|broadcast|show|DOC)\b|the DOC\b|(?:this|it)\s*[?.!]*$)|\b(?:who|what|which) (?:is|was) the (?:publisher|outlet)\b|\bpublisher of\b|\bpublished by\b|\bwhere (?:was|is|did) (?:the|this) DOC (?:published|appear\w*|printed|released|come from)\b|\b(?:which|what) (?:outlet|publisher|news ?paper|news outlet|medium|media outlet|magazine|website|site)\b.*\b(?:DOC|published|ran|carried)\b|\bwhere does (?:the|this) DOC come from\b|\bsource of (?:the|this) DOC\b|\b(?:which|what) (?:news ?paper|magazine|outlet|publication|broadcaster|website|medium|paper) (?:is|was|has|did|does) (?:this|it)\b|\b(?:which|what) (?:news ?paper|magazine|outlet|publication|website|paper) (?:published|printed|ran|carried|put out|released) (?:this|it)\b|\bwho (?:published|printed|released) (?:this|it)\b|\bwhere (?:was|did|does|is) (?:this|it) (?:published|printed|appear|come from|from)\b|\bpublished (?:this|it)\s*\?|\bwho is behind (?:the|this) DOC\b", Asked::Publisher),
        (r"\bwhen (?:was|were|did|is) (?:(?:the|this|these) DOC|these notes) (?:published|released|written|dated|printed|appear|come out|from|issued|posted)\b|\b(?:date|day) (?:of|on|for|is given for|does) (?:the|this) DOC\b|\bpublication date\b|\bwhen did (?:the|this) DOC\b|\bhow (?:old|recent) is (?:the|this) DOC\b|\b(?:what|which) (?:date|day|year|month)\b.*\b(?:DOC|publish\w*)\b.*\b(?:bear|carry|published|dated|from|appear\w*|release\w*|written|have|come)\b|\bDOC dated\b|\bwhen (?:was|did) (?:this|it) (?:published|appear|come out|printed|released|written|go online)\b|\bwhen (?:was|did) (?:the|this) DOC (?:about|on|with|of) .+ (?:published|appear|come out|printed|released|written|posted|issued)\b|\b(?:what|which) (?:date|day) (?:is|was) (?:this|it|the DOC) (?:from|published|dated)\b", Asked::Date),
        (r"\b(?:title|headline|name) of (?:the|this) DOC\b|\bwhat (?:is|was) (?:the|this) DOC (?:called|titled|entitled|headed)\b|\bDOC['’]s (?:title|headline)\b|\b(?:title|headline)\b.*\bDOC\b|\bhow is (?:the|this) DOC (?:titled|headed)\b", Asked::Title),
        (r"\bdateline\b|\bwhere (?:was|is) (?:the|this) DOC (?:written|filed|datelined|reported)\b", Asked::Place),
        (r"\b(?:what|which) language\b.*\b(?:DOC|written|in)\b", Asked::Language),
    ]
    .into_iter()
    .map(|(text, asked)| (form(text), asked))
    .collect()
});

/// The answer from the structure of a document, when the question is about that.
pub(super) fn about(scene: Scene<'_>, query: &Query, document: usize, nearest: Option<BlockId>) -> Option<Evidence> {
    let asked = FORMS.iter().find(|(form, _)| form.is_match(&query.asked))?.1;
    let d = &scene.snapshot.corpus.documents[document];
    let page = Page { scene, document, d };
    match asked {
        Asked::Publisher => page.value("publisher"),
        Asked::Author => page
            .credit(names_author)
            .or_else(|| page.value("author"))
            .or_else(|| page.value("publisher").filter(|_| !wants_person(query))),
        Asked::Minutes => page.credit(names_minute_taker),
        Asked::Theme => page.lead(),
        Asked::Date => page.date(),
        Asked::Title => page.title(),
        Asked::Place => page.place(),
        Asked::Language => page.value("language"),
        Asked::Interviewer => {
            page.first_turn_of(page.role("interviewer").filter(|&s| !(wants_person(query) && page.is_publisher(s)))?)
        }
        Asked::Interviewee => page.first_turn_of(page.role("interviewee").or_else(|| page.role("guest"))?),
        Asked::Speakers => page.speakers(),
        Asked::Sections => page.sections(),
        Asked::TurnCount => page.count(page.turns(|_| true)),
        Asked::QuestionCount => page.count(page.questions(query)),
        Asked::SpeakerCount => page.count(page.first_turns()),
        Asked::SectionCount => page.count(page.headings()),
        Asked::Heading => page.heading(query),
        Asked::SectionOf => page.section_of(nearest?),
        Asked::Question => page.question(query),
        Asked::Opening => page.outermost(query, false),
        Asked::Closing => page.outermost(query, true),
    }
}

struct Page<'a> {
    scene: Scene<'a>,
    document: usize,
    d: &'a Document,
}

impl Page<'_> {
    /// A front matter value.
    fn value(&self, key: &str) -> Option<Evidence> {
        let is_value = |b: &crate::corpus::Block| {
            matches!(&b.kind, BlockKind::FrontMatter { key: k } if k == key) && !b.text.text.is_empty()
        };
        let block = self.d.blocks.iter().position(is_value)?;
        Some(self.evidence(Shape::Fact, vec![self.whole(block, Place::Main)], None))
    }

    /// The sentence near the top or the end that says whose work the document is.
    fn credit(&self, names: impl Fn(&str) -> bool) -> Option<Evidence> {
        let is_paragraph = |b: &BlockId| matches!(self.d.blocks[*b].kind, BlockKind::Paragraph);
        let paragraphs: Vec<BlockId> = (0..self.d.blocks.len()).filter(is_paragraph).collect();
        let end = paragraphs.len().saturating_sub(CREDIT_DEPTH).max(CREDIT_DEPTH);
        let outer = paragraphs.iter().take(CREDIT_DEPTH).chain(paragraphs.iter().skip(end));
        self.first_sentence(outer.copied(), names)
    }

    /// How the text begins, once it says something: what it is about stands there.
    fn lead(&self) -> Option<Evidence> {
        let corpus = &self.scene.snapshot.corpus;
        let tells = |b: BlockId| {
            let mut sentences = corpus.sentences_of(self.document, b).map(|id| corpus.sentence_text(id));
            sentences.any(|s| word_ranges(s).count() >= LEAD_WORDS && !is_byline(s))
        };
        let is_text = |b: BlockId| matches!(self.d.blocks[b].kind, BlockKind::Paragraph | BlockKind::Turn { .. });
        let block = (0..self.d.blocks.len()).find(|&b| is_text(b) && tells(b))?;
        Some(self.evidence(Shape::Fact, vec![self.spoken(block)], None))
    }

    /// The body states the date when it prints it; else the front matter does.
    fn date(&self) -> Option<Evidence> {
        let forms = self.d.front_matter.published.as_deref().map(printed_dates)?;
        self.stated(|text| forms.iter().any(|f| text.contains(f.as_str()))).or_else(|| self.value("published"))
    }

    fn place(&self) -> Option<Evidence> {
        let place = self.d.front_matter.place.as_deref()?;
        self.stated(|text| text.contains(place)).or_else(|| self.value("place"))
    }

    fn title(&self) -> Option<Evidence> {
        self.value("title").or_else(|| {
            let block = self.d.blocks.iter().position(|b| matches!(b.kind, BlockKind::Heading { .. }))?;
            Some(self.evidence(Shape::Fact, vec![self.whole(block, Place::Main)], None))
        })
    }

    /// The first sentence of the body that states something.
    fn stated(&self, states: impl Fn(&str) -> bool) -> Option<Evidence> {
        self.first_sentence(0..self.d.blocks.len(), states)
    }

    /// The first sentence of these blocks that is wanted.
    fn first_sentence(&self, blocks: impl Iterator<Item = BlockId>, wanted: impl Fn(&str) -> bool) -> Option<Evidence> {
        let corpus = &self.scene.snapshot.corpus;
        let mut sentences = blocks.flat_map(|b| corpus.sentences_of(self.document, b));
        let id = sentences.find(|id| wanted(corpus.sentence_text(*id)))?;
        let sentence = &corpus.sentences[id as usize];
        let speaker = self.scene.speaker(self.document, sentence.speaker);
        let statement = Statement { words: sentence.range.clone(), speaker, ..self.whole(sentence.block, Place::Main) };
        Some(self.evidence(Shape::Fact, vec![statement], None))
    }

    fn role(&self, role: &str) -> Option<SpeakerId> {
        self.d.speakers.iter().position(|s| s.roles.iter().any(|r| r == role))
    }

    /// Whether a label is that of the publisher ("Harbour News" of the Harbour News Agency) and names
    /// nobody who works there.
    fn is_publisher(&self, speaker: SpeakerId) -> bool {
        let publisher = terms(self.d.front_matter.publisher.as_deref().unwrap_or_default());
        let label = terms(&self.d.speakers[speaker].name);
        let shares = label.first().is_some_and(|l| publisher.first().is_some_and(|p| p.stem == l.stem));
        shares && label.iter().skip(1).all(|l| is_outlet(&l.folded) || publisher.iter().any(|p| p.stem == l.stem))
    }

    fn first_turn_of(&self, speaker: SpeakerId) -> Option<Evidence> {
        let block = self.turns(|s| s == speaker).first().copied()?;
        Some(self.evidence(Shape::Quote, vec![self.opening(block)], None))
    }

    fn speakers(&self) -> Option<Evidence> {
        let statements: Vec<Statement> = self.first_turns().into_iter().map(|b| self.opening(b)).collect();
        (!statements.is_empty()).then(|| self.evidence(Shape::Several, statements, None))
    }

    fn sections(&self) -> Option<Evidence> {
        let statements: Vec<Statement> = self.headings().into_iter().map(|b| self.whole(b, Place::Item)).collect();
        (!statements.is_empty()).then(|| self.evidence(Shape::List, statements, None))
    }

    /// A count is stated by the template and cited to the first and last block counted.
    fn count(&self, blocks: Vec<BlockId>) -> Option<Evidence> {
        let (first, last) = (*blocks.first()?, *blocks.last()?);
        let mut statements = vec![self.opening(first)];
        if last != first {
            statements.push(self.opening(last));
        }
        Some(self.evidence(Shape::Count, statements, Some(blocks.len())))
    }

    fn turns(&self, by: impl Fn(SpeakerId) -> bool) -> Vec<BlockId> {
        // A label without words is no turn that could be quoted.
        let spoken = |b: &crate::corpus::Block| {
            matches!(b.kind, BlockKind::Turn { speaker, .. } if by(speaker)) && !b.body_text().trim().is_empty()
        };
        (0..self.d.blocks.len()).filter(|&id| spoken(&self.d.blocks[id])).collect()
    }

    /// Turns that ask, of the person named in the question or of the interviewer.
    fn questions(&self, query: &Query) -> Vec<BlockId> {
        let named = self.named(query).filter(|n| Some(*n) != self.role("interviewee"));
        let asker = named.or_else(|| self.role("interviewer"));
        let mut turns = self.turns(|s| asker.is_none_or(|a| a == s));
        turns.retain(|&b| self.d.blocks[b].body_text().contains(['?', '？']));
        turns
    }

    /// The heading that shares most words with the question; for "the interview" the one it stands under.
    fn heading(&self, query: &Query) -> Option<Evidence> {
        let named = heading_named(self.scene, self.document, &query.asked);
        let first_turn = self.turns(|_| true).first().copied();
        let block = if mentions_interview(&query.asked) { self.d.blocks[first_turn?].heading } else { named }?;
        Some(self.evidence(Shape::Fact, vec![self.whole(block, Place::Main)], None))
    }

    fn section_of(&self, block: BlockId) -> Option<Evidence> {
        let heading = self.d.blocks[block].heading?;
        Some(self.evidence(Shape::Fact, vec![self.whole(heading, Place::Main)], None))
    }

    /// One question of the interviewer (or of the person named), by its number or the last.
    fn question(&self, query: &Query) -> Option<Evidence> {
        let asked = self.questions(query);
        let block = match query.ordinal {
            Some(Ordinal::Nth(n)) => *asked.get(n.checked_sub(1)?)?,
            Some(Ordinal::Last) => *asked.last()?,
            None => *asked.first()?,
        };
        let answer = wants_answer(query).then(|| answering_turn(self.d, block)).flatten();
        Some(self.evidence(Shape::Quote, vec![self.spoken(answer.unwrap_or(block))], None))
    }

    /// The first or last turn of the person named, or of anybody.
    fn outermost(&self, query: &Query, last: bool) -> Option<Evidence> {
        let person = self.named(query);
        let turns = self.turns(|s| person.is_none_or(|p| p == s));
        let block = if last { *turns.last()? } else { *turns.first()? };
        Some(self.evidence(Shape::Quote, vec![self.spoken(block)], None))
    }

    /// The speaker of this document that the question names.
    fn named(&self, query: &Query) -> Option<SpeakerId> {
        let people = self.scene.people.named(&query.asked);
        people
            .iter()
            .find_map(|&p| self.scene.people.get(p).places.iter().find(|(d, _)| *d == self.document).map(|(_, s)| *s))
    }

    /// A whole turn when it is short, else its first sentences.
    fn spoken(&self, block: BlockId) -> Statement {
        let b = &self.d.blocks[block];
        let corpus = &self.scene.snapshot.corpus;
        let own = corpus.sentences_of(self.document, block).map(|id| &corpus.sentences[id as usize]);
        let end = own.map(|s| s.range.end).take_while(|end| end - b.body <= SPOKEN_BYTES).last();
        let whole = self.opening(block);
        Statement { words: whole.words.start..end.unwrap_or(whole.words.end).max(whole.words.end), ..whole }
    }

    fn first_turns(&self) -> Vec<BlockId> {
        let mut seen = Vec::new();
        let mut blocks = Vec::new();
        for id in self.turns(|_| true) {
            if let BlockKind::Turn { speaker, .. } = self.d.blocks[id].kind
                && !seen.contains(&speaker)
            {
                seen.push(speaker);
                blocks.push(id);
            }
        }
        blocks
    }

    fn headings(&self) -> Vec<BlockId> {
        let is_heading = |b: &BlockId| {
            matches!(self.d.blocks[*b].kind, BlockKind::Heading { .. }) && !self.d.blocks[*b].text.text.is_empty()
        };
        (0..self.d.blocks.len()).filter(is_heading).collect()
    }

    /// The first sentence of a block, or the whole of a block that has none.
    fn opening(&self, block: BlockId) -> Statement {
        let corpus = &self.scene.snapshot.corpus;
        let whole = self.whole(block, Place::Main);
        match corpus.sentences_of(self.document, block).next() {
            Some(id) => {
                let s = &corpus.sentences[id as usize];
                Statement { words: s.range.clone(), speaker: self.scene.speaker(self.document, s.speaker), ..whole }
            }
            None => whole,
        }
    }

    fn whole(&self, block: BlockId, place: Place) -> Statement {
        let b = &self.d.blocks[block];
        Statement {
            document: self.document,
            block,
            words: b.body..b.text.text.len(),
            speaker: None,
            place,
            repeats: None,
            key: None,
            score: 0.0,
        }
    }

    fn evidence(&self, shape: Shape, statements: Vec<Statement>, count: Option<usize>) -> Evidence {
        Evidence {
            shape,
            statements,
            count,
            structural: true,
            kind_fits: None,
            sentence_sim: 1.0,
            margin: 1.0,
            contradiction: None,
            elsewhere: false,
        }
    }
}

/// Words of a sentence that says what a text is about: more than a greeting or a caption.
const LEAD_WORDS: usize = 8;

/// Paragraphs from the top, and from the end, among which it is looked for whose work a document is.
const CREDIT_DEPTH: usize = 3;

/// Longest part of a turn that is quoted for how it begins or what it asks.
const SPOKEN_BYTES: usize = 480;

fn mentions_interview(text: &str) -> bool {
    terms(text).iter().any(|t| matches!(t.folded.as_str(), "interview" | "conversation" | "transcript"))
}

/// "The name of the journalist", "which reporter": an outlet is no answer.
fn wants_person(query: &Query) -> bool {
    static PERSON: LazyLock<Regex> = LazyLock::new(|| {
        let person = "(?:journalist|reporter|interviewer|correspondent|author|writer|person|editor)";
        pattern(&format!(r"(?i)\b(?:names? of the|which|what) (?:\w+ )?{person}\b|\b{person}['’]s name\b|\bby name\b"))
    });
    PERSON.is_match(&query.asked)
}

/// "Her answer to the third question": the turn after the one that asks.
fn wants_answer(query: &Query) -> bool {
    static ANSWER: LazyLock<Regex> = LazyLock::new(|| {
        form(r"\b(?:answer|reply|response|answers|answered|replied|responds?|responded|say|said) to\b")
    });
    query.wants_answer || ANSWER.is_match(&query.asked)
}

/// The usual printed forms of a date written `YYYY-MM-DD`.
fn printed_dates(published: &str) -> Vec<String> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let mut forms = vec![published.to_owned()];
    let mut numbers = published.splitn(3, '-').map(str::parse::<usize>);
    if let (Some(Ok(year)), Some(Ok(month @ 1..=12)), Some(Ok(day))) = (numbers.next(), numbers.next(), numbers.next())
    {
        let name = MONTHS[month - 1];
        for month in [name, &name[..3]] {
            forms.push(format!("{month} {day}, {year}"));
            forms.push(format!("{day} {month} {year}"));
            forms.push(format!("{month}. {day}, {year}"));
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<Asked> {
        FORMS.iter().find(|(form, _)| form.is_match(text)).map(|(_, asked)| *asked)
    }

    #[test]
    fn questions_about_the_document_are_told_from_questions_about_its_contents() {
        for (text, expected) in [
            ("Who published this article?", Some(Asked::Publisher)),
            ("When was the report published?", Some(Asked::Date)),
            ("What is the title of the document?", Some(Asked::Title)),
            ("Who conducted the interview?", Some(Asked::Interviewer)),
            ("Who was interviewed?", Some(Asked::Interviewee)),
            ("Which sections does the report have?", Some(Asked::Sections)),
            ("How many turns does the interview have?", Some(Asked::TurnCount)),
            ("When was the harbour built?", None),
            ("Who built the pier?", None),
            ("What is the name of the ferry?", None),
            ("Who asked for lower fares?", None),
            ("How many people work in the harbour?", None),
            ("Who is the author?", Some(Asked::Author)),
            ("Who wrote the report on the new pier?", Some(Asked::Author)),
            ("Which magazine printed it?", Some(Asked::Publisher)),
            ("Which newspaper is this from?", Some(Asked::Publisher)),
            ("When did this appear?", Some(Asked::Date)),
            ("When did the article about the storm come out?", Some(Asked::Date)),
            ("Give me the section headings", Some(Asked::Sections)),
            ("Of how many parts does the engine consist?", None),
            ("Who wrote the music for it?", None),
            ("Who took the minutes?", Some(Asked::Minutes)),
            ("Who wrote these minutes?", Some(Asked::Minutes)),
            ("Who issued these minutes?", Some(Asked::Publisher)),
            ("Which station produced this talk?", Some(Asked::Publisher)),
            ("When were these notes published?", Some(Asked::Date)),
            ("Which power station produced the most electricity?", None),
            ("Which channel aired the debate?", None),
            ("Which journal published the study?", None),
            ("Which bank issued the notes?", None),
            ("Who kept notes on the birds?", None),
            ("What is the article about?", Some(Asked::Theme)),
            ("What's this interview about, in short?", Some(Asked::Theme)),
            ("What is it about?", Some(Asked::Theme)),
            ("What does the report cover?", Some(Asked::Theme)),
            ("What is the subject of the interview?", Some(Asked::Theme)),
            ("What is the report on the pier worried about?", None),
            ("What is the dispute about?", None),
            ("What does the report cover in its third part?", None),
        ] {
            assert_eq!(asked(text), expected, "{text}");
        }
    }

    #[test]
    fn a_date_is_looked_for_in_the_forms_that_are_printed() {
        assert!(printed_dates("2024-03-05").contains(&"March 5, 2024".to_owned()));
        assert_eq!(printed_dates("spring 2024"), ["spring 2024"]);
    }
}
