//! Whose words? One case per habit of writers: a text, and who speaks in the sentence that holds a
//! snippet (`-` for nobody).

use super::words::tokens;
use super::{attribute, reported_by};
use crate::corpus::{Document, Sentence};
use crate::ingest::parse::parse;

/// Text, then pairs of snippet and speaker.
type Case = (&'static str, &'static [(&'static str, &'static str)]);

const NEWS: &[Case] = &[
    ("“We will rebuild the pier,” said Jane Doe, head of the port authority.", &[("rebuild", "Jane Doe")]),
    ("“We will rebuild the pier,” Jane Doe said.", &[("rebuild", "Jane Doe")]),
    ("\"We will rebuild the pier,\" Jane Doe told reporters on Monday.", &[("rebuild", "Jane Doe")]),
    ("“We will rebuild the pier”, said Jane Doe.", &[("rebuild", "Jane Doe")]),
    ("‘We don’t rebuild the pier,’ said Jane Doe.", &[("rebuild", "Jane Doe")]),
    ("Jane Doe, head of the port authority, said: “We will rebuild the pier.”", &[("rebuild", "Jane Doe")]),
    ("On Monday, Jane Doe, head of the port, said, “We will rebuild.”", &[("rebuild", "Jane Doe")]),
    ("In Paris, Jane Doe, head of the Paris office, said: “We will rebuild.”", &[("rebuild", "Jane Doe")]),
    ("Jane Doe of the Port Authority said: “We will rebuild.”", &[("rebuild", "Jane Doe")]),
    ("Jane Doe (Labour) said: “We will rebuild.”", &[("rebuild", "Jane Doe")]),
    ("Jane Doe praised the plan, stating, “It will bring work.”", &[("bring work", "Jane Doe")]),
    ("Jane Doe smiled at the crowd, saying, “It will bring work.”", &[("bring work", "Jane Doe")]),
    ("Jane Doe welcomed the plan and added, “It will bring work.”", &[("bring work", "Jane Doe")]),
    ("Jane Doe runs the port. “We are busy,” she said.", &[("busy", "Jane Doe")]),
    ("Jane Doe said: “We are busy.” She added, “We hire.”", &[("busy", "Jane Doe"), ("hire", "Jane Doe")]),
    ("“We are busy,” Jane Doe said. “We hire every week.”", &[("busy", "Jane Doe"), ("hire", "Jane Doe")]),
    ("“We are busy,” said Jane Doe, “and we hire every week.”", &[("and we hire", "Jane Doe")]),
    (
        "“We are busy,” said Jane Doe. “We are not,” said John Roe.",
        &[("are busy", "Jane Doe"), ("are not", "John Roe")],
    ),
    ("“We are busy,” said Jane Doe, while John Roe replied, “We are not busy at all.”", &[("not busy", "John Roe")]),
    ("Jane Doe told John Roe: “We are busy.”", &[("busy", "Jane Doe")]),
    ("“We are busy. We hire. We grow,” Jane Doe said.", &[("We hire", "Jane Doe"), ("grow", "Jane Doe")]),
    ("“Why wait?” Jane Doe asked.", &[("Why wait", "Jane Doe")]),
    ("“Why wait?” asked Jane Doe. Nobody answered.", &[("Why wait", "Jane Doe"), ("Nobody", "-")]),
    ("“No more of that!” she cried. Jane Doe had come late.", &[("No more", "-")]),
    ("According to Jane Doe, “the pier is unsafe.”", &[("unsafe", "Jane Doe")]),
    ("“The pier is unsafe,” according to Jane Doe.", &[("unsafe", "Jane Doe")]),
    ("In the words of Jane Doe, “the pier is unsafe.”", &[("unsafe", "Jane Doe")]),
    ("The plan was described by Jane Doe as “a gift to the town.”", &[("gift", "Jane Doe")]),
    ("Mayor Jane Doe said: “We will rebuild.”", &[("rebuild", "Jane Doe")]),
    ("“We will rebuild,” said city engineer John Roe.", &[("rebuild", "John Roe")]),
    ("“We will rebuild,” city engineer John Roe said.", &[("rebuild", "John Roe")]),
    ("“We will rebuild,” said the city engineer, John Roe.", &[("rebuild", "John Roe")]),
    ("Mayor of London Sadiq Khan said: “London is open.”", &[("open", "Sadiq Khan")]),
    ("Prime Minister Ursula von der Linden said: “We agree.”", &[("agree", "Ursula von der Linden")]),
    ("“We agree,” said Prof. J. R. Hale.", &[("agree", "Prof. J. R. Hale")]),
    ("Jane Doe is mayor. “We agree,” the mayor said.", &[("agree", "-")]),
    ("Jane Doe, the mayor, said “yes” twice. “We agree,” the mayor said.", &[("agree", "Jane Doe")]),
    ("Jane Doe said “yes.” Weeks passed. “I meant it,” Doe said.", &[("meant", "Jane Doe")]),
    ("“I mean it,” JANE DOE said. Jane Doe said: “I do.”", &[("mean it", "Jane Doe")]),
    ("“It holds,” said Emmanuel Macron. “It must,” Macron added.", &[("must", "Emmanuel Macron")]),
    ("“It holds,” officials said.", &[("holds", "-")]),
    ("Critics said the plan was “a disaster for us all.”", &[("disaster", "-")]),
    ("Jane Doe’s spokesman said: “It holds.”", &[("holds", "-")]),
    ("The so-called “smart city” is late.", &[("smart", "-")]),
    ("The theme, “Building Bridges: Ports of Tomorrow,” ran through the day.", &[("Bridges", "-")]),
    ("Jane Doe opened the session “Ports of Tomorrow.”", &[("Ports", "-")]),
    ("The “Ports of Tomorrow” fair opened, Jane Doe said.", &[("Ports", "-")]),
    ("«Nous sommes prêts», said Marie Curie.", &[("prêts", "Marie Curie")]),
    ("„Wir sind bereit“, said Karl Weber.", &[("bereit", "Karl Weber")]),
    ("”Vi är redo”, said Anna Berg.", &[("redo", "Anna Berg")]),
    ("Anna Berg said: “We are ready", &[("ready", "Anna Berg")]),
    ("Jane Doe said the budget was “on track.”", &[("on track", "Jane Doe")]),
    ("Speaking after the vote, Jane Doe said: “We won.”", &[("won", "Jane Doe")]),
    ("The World Bank forecast growth. “It is fragile,” the bank warned.", &[("fragile", "-")]),
    ("Nobody moved. “It is fragile and cold here.”", &[("fragile", "-")]),
    ("“It is fragile.” — Jane Doe, poet", &[("fragile", "Jane Doe")]),
];

const MINUTES: &[Case] = &[
    (
        "Cllr. Roe asked: “Is the road safe?” Cllr. Poe replied, “It is.”",
        &[("road safe", "Cllr. Roe"), ("It is", "Cllr. Poe")],
    ),
    ("The chair, Ann Poe, noted: “The motion is carried.”", &[("carried", "Ann Poe")]),
    ("Ms. Ann Poe moved the motion. Mr. Roe objected, saying “the cost is unknown.”", &[("cost", "Mr. Roe")]),
    ("Ann Poe reported on drains. She noted that “half are blocked.”", &[("blocked", "Ann Poe")]),
    ("“The drains are blocked”, reported Ann Poe (Ward 3).", &[("blocked", "Ann Poe")]),
];

const PODCAST: &[Case] = &[
    ("“So I just left,” laughs Sam Lee, “and never looked back.”", &[("just left", "Sam Lee"), ("never", "Sam Lee")]),
    (
        "Sam Lee jokes: “I never sleep.” “Neither do I,” quips host Kim Poe.",
        &[("never sleep", "Sam Lee"), ("Neither", "Kim Poe")],
    ),
    ("“It was cold,” recalls Lee. Sam Lee said “so cold.”", &[("was cold", "Sam Lee")]),
    ("Sam Lee said:\n\n> “I never sleep. Not once.”", &[("never sleep", "Sam Lee"), ("Not once", "Sam Lee")]),
    ("Sam Lee said: “I never sleep.\n\n“I never rest.” Then he left.", &[("never rest", "Sam Lee"), ("Then", "-")]),
    ("“I never sleep.\n\n“I never rest,” said Sam Lee.", &[("never sleep", "Sam Lee")]),
    ("**Kim:** Sam Lee said: “I never sleep.”", &[("never sleep", "Kim")]),
];

/// Splits well enough for these cases: behind an end mark and the quotation marks that follow it.
fn sentences(document: &Document) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    for (block, b) in document.blocks.iter().enumerate().filter(|(_, b)| b.is_searched()) {
        let text = &b.text.text;
        let words = tokens(text);
        let mut start = b.body;
        for (i, word) in words.iter().enumerate() {
            let more = words.get(i + 1).is_some_and(|t| matches!(t.text, "”" | "»" | "\""));
            let ends =
                word.ends_sentence() || matches!(word.text, "”" | "»" | "\"") && i > 0 && words[i - 1].ends_sentence();
            if (ends && !more) || i + 1 == words.len() {
                sentences.push(Sentence { document: 0, block, range: start..word.range.end, speaker: None });
                start = words.get(i + 1).map_or(text.len(), |t| t.range.start);
            }
        }
    }
    sentences
}

fn attributed(source: &str) -> (Document, Vec<Sentence>) {
    let mut document = parse("a.md", source);
    let mut sentences = sentences(&document);
    attribute(&mut document, &mut sentences);
    (document, sentences)
}

fn speaker_of<'a>(document: &'a Document, sentences: &[Sentence], snippet: &str) -> &'a str {
    let holds = |s: &&Sentence| document.blocks[s.block].text.text[s.range.clone()].contains(snippet);
    let sentence = sentences.iter().find(holds).unwrap_or_else(|| panic!("no sentence holds {snippet:?}"));
    sentence.speaker.map_or("-", |id| document.speakers[id].name.as_str())
}

#[test]
fn quotations_are_attributed_as_readers_would() {
    let mut wrong = Vec::new();
    for (source, expected) in [NEWS, MINUTES, PODCAST].concat() {
        let (document, sentences) = attributed(source);
        for (snippet, speaker) in expected {
            let found = speaker_of(&document, &sentences, snippet);
            if found != *speaker {
                wrong.push(format!("{source:?}: {snippet:?} is by {speaker}, not {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn roles_are_learned_from_what_stands_beside_a_name() {
    for (source, name, role) in [
        ("“Yes,” said Jane Doe, head of the port authority.", "Jane Doe", "head of the port authority"),
        (
            "Jane Doe, a poet and leading critic of the plan, said: “Yes.”",
            "Jane Doe",
            "poet and leading critic of the plan",
        ),
        ("Jane Doe, a poet and keynote speaker, said: “Yes.”", "Jane Doe", "keynote speaker"),
        ("Party Chief of Elm Nora Poe said: “Yes.”", "Nora Poe", "party chief of elm"),
        ("“Yes,” said city engineer John Roe.", "John Roe", "city engineer"),
        ("“Yes,” said the city engineer, John Roe.", "John Roe", "city engineer"),
        (
            "**Host:** With us is our guest today, Dr. Roe, a marine biologist.\n\n**Dr. Roe:** Hi.",
            "Dr. Roe",
            "marine biologist",
        ),
        ("**Host:** As a senior planner, you saw it all. How was it?\n\n**Poe:** Fine.", "Poe", "senior planner"),
        ("**Host:** How was it?\n\n**Poe:** Fine. I’m a nurse at the clinic.", "Poe", "nurse at the clinic"),
        ("**Host:** How was it?\n\n**Poe:** Fine.", "Host", "interviewer"),
        ("**Host:** How was it?\n\n**Poe:** Fine.", "Poe", "guest"),
        ("**Jane Doe, CEO:** Fine.", "Jane Doe, CEO", "ceo"),
    ] {
        let (document, _) = attributed(source);
        let speaker = document.speakers.iter().find(|s| s.name == name);
        assert!(speaker.is_some_and(|s| s.roles.iter().any(|r| r == role)), "{source:?}: {:?}", document.speakers);
    }
}

#[test]
fn a_sentence_reports_on_the_person_it_names_as_speaking() {
    let (document, _) = attributed("“Yes,” said Jane Doe. “No,” said Dr. John Roe.");
    for (sentence, name) in [
        ("Jane Doe noted that openness is key.", Some("Jane Doe")),
        ("Dr. Roe highlighted the importance of drains.", Some("Dr. John Roe")),
        ("According to Doe, the drains are blocked.", Some("Jane Doe")),
        ("The drains are blocked, Jane Doe warned.", Some("Jane Doe")),
        ("She noted that openness is key.", None),
        ("Drains were praised by all for Jane Doe.", None),
        ("Jane Doe left early.", None),
    ] {
        let found = reported_by(&document, sentence).map(|id| document.speakers[id].name.as_str());
        assert_eq!(found, name, "{sentence:?}");
    }
}

#[test]
fn the_shipped_document_is_attributed() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge/global-mayors-dialogue-nanning.md");
    let (document, sentences) = attributed(&std::fs::read_to_string(path).expect("the shipped document"));
    for (snippet, speaker) in [
        ("The economic and trade cooperation", "Nong Shengwen"),
        ("The two sides have achieved", "Nong Shengwen"),
        ("we understand that friendship", "Atsaphangthong Siphandone"),
        ("Cities are the engines", "Dr. Mei Lin"),
        ("Cultural exchanges between cities enhance", "Dr. Mei Lin"),
        ("Effective urban governance requires", "Dr. Mei Lin"),
        ("Openness allows cities", "Dr. Mei Lin"),
        ("These practices are not only", "Dr. Mei Lin"),
        ("It allows cities to share", "Dr. Mei Lin"),
        ("In an increasingly interconnected", "Dr. Mei Lin"),
        ("By leveraging these assets", "Dr. Mei Lin"),
        ("“Building a China-ASEAN Community", "-"),
        ("The “Global Mayors Dialog", "-"),
        ("Dr. Lin noted that openness is key", "-"),
        ("thank you for joining us", "Archyde News"),
    ] {
        assert_eq!(speaker_of(&document, &sentences, snippet), speaker, "{snippet:?}");
    }
    let names: Vec<&str> = document.speakers.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["Archyde News", "Dr. Mei Lin", "Nong Shengwen", "Atsaphangthong Siphandone"]);
    for (speaker, role) in [
        (0, "interviewer"),
        (1, "guest"),
        (1, "senior urban development strategist"),
        (1, "keynote speaker"),
        (1, "respected expert in urban development"),
        (2, "party chief of nanning"),
        (3, "governor of vientiane"),
    ] {
        assert!(document.speakers[speaker].roles.iter().any(|r| r == role), "{role}: {:?}", document.speakers[speaker]);
    }
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_attributed(
            pieces in prop::collection::vec(
                "“|”|\"|«|„|「|‘|’|’s|, |: |\\. |\\? |— |\\(|\n\n|\n> |\\*\\*A:\\*\\* |Jane Doe |Dr\\.|J\\. |she |said |saying |mayor |the |as a |you |I am |of |and |in |\\PC",
                0..40,
            )
        ) {
            let (document, sentences) = attributed(&pieces.concat());
            for sentence in &sentences {
                prop_assert!(sentence.speaker.is_none_or(|id| id < document.speakers.len()));
                let _ = reported_by(&document, &document.blocks[sentence.block].text.text[sentence.range.clone()]);
            }
        }
    }
}
