//! Conversations and what their last question means. Each line is one: the questions before,
//! oldest first, the question, and how it reads complete.

use super::super::{Interpretation, Question, interpret};
use crate::mechanism::Mechanisms;
use crate::question::People;
use crate::reply::{Message, Role};

fn people() -> People {
    People::for_test(&[
        ("Dr. Ada Whitlock", &["Whitlock"], &["mayor"]),
        ("Tom Reed", &[], &["harbour master"]),
        ("Aoife Brannigan", &[], &["founder"]),
        ("Captain Sorley", &[], &[]),
        ("Desmond Pike", &["Mr Pike"], &[]),
    ])
}

fn understood(history: &[&str], question: &str) -> Interpretation {
    let history: Vec<Message> =
        history.iter().map(|q| Message { role: Role::User, content: (*q).to_owned() }).collect();
    interpret(&Question::parse(question).unwrap(), &history, &people(), Mechanisms::default())
}

fn check(conversations: &[(&[&str], &str, &str)]) {
    let wrong: Vec<String> = conversations
        .iter()
        .map(|(history, question, complete)| (understood(history, question).text, history, question, complete))
        .filter(|(text, _, _, complete)| text != *complete)
        .map(|(text, history, question, complete)| {
            format!("{} | {question}\n   wanted {complete}\n   found  {text}", history.join(" | "))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), conversations.len(), wrong.join("\n"));
}

#[test]
fn a_pronoun_takes_a_thing_and_never_a_verb() {
    check(&[
        (
            &["When did the lake plant break down?", "How many people rang the service line?", "Who apologised?"],
            "How long was it out of action altogether?",
            "How long was the lake plant out of action altogether?",
        ),
        (&["Why did the club close?", "Who bought the ground?"], "When was it sold?", "When was the ground sold?"),
        (&["When did the boiler fail?"], "Who repaired it?", "Who repaired the boiler?"),
        (&["Who opposed the new pier?"], "When will it open?", "When will the new pier open?"),
        (&["How many kettles were sold?"], "Where are they made?", "Where are the kettles made?"),
        (
            &["What was wrong with the hinges?", "Did she change the supplier?"],
            "what was it called",
            "what was the supplier called",
        ),
        (&["Which ferry serves the outer islands?"], "When does it leave?", "When does the ferry leave?"),
        (&["Who wrote the opera?"], "Where was it first sung?", "Where was the opera first sung?"),
        (&["Why did the choir move to the old mill?"], "Who owns it?", "Who owns the choir?"),
        (
            &["How large was trade between the two islands in 2024?"],
            "And how much of that is with Mora?",
            "And how much of trade between the two islands in 2024 is with Mora?",
        ),
        (&["Why did the quarry become a park?"], "What is it famous for?", "What is the quarry famous for?"),
        (&["What is the price of the season ticket?"], "Where can I buy it?", "Where can I buy the season ticket?"),
    ]);
}

#[test]
fn the_topic_of_the_talk_wins_over_a_property_and_a_late_phrase() {
    check(&[
        (
            &["Where was the spring fair held?", "What was its theme?"],
            "Who organised it?",
            "Who organised the spring fair?",
        ),
        (&["What was the theme of the book fair?"], "Who organised it?", "Who organised the book fair?"),
        (&["When was the regatta held in the old harbour?"], "Who organised it?", "Who organised the regatta?"),
    ]);
}

#[test]
fn that_points_at_what_was_done_or_said() {
    check(&[
        (
            &[
                "How many kettles came back?",
                "What was the most common fault?",
                "And how did Brannigan make up for it?",
            ],
            "What did that cost her?",
            "What did making up for the most common fault cost Brannigan?",
        ),
        (
            &["Will the lake plant harm the fish?"],
            "Who measured that?",
            "Who measured the lake plant harming the fish?",
        ),
        (
            &["Why did the pier collapse?", "Who repaired it?"],
            "What did that cost?",
            "What did repairing the pier cost?",
        ),
        (
            &["Why is Desmond Pike against the closure?", "Does he have an alternative?"],
            "What would it cost?",
            "What would the alternative cost?",
        ),
        (
            &["What are Tom Reed's demands?", "And the one about the teachers?"],
            "What did the head say to that?",
            "What did the head say to the one of Tom Reed's demands about the teachers?",
        ),
        (&["Why did the two heat pumps stop?"], "When was that?", "When did the two heat pumps stop?"),
        (
            &["What does Mr Pike say about the noise of driving piles?"],
            "How long does that last?",
            "How long does the noise of driving piles last?",
        ),
        (
            &["What would Brannigan wish for from a minister?"],
            "How many routes would that bring back?",
            "How many routes would what Brannigan would wish for from a minister bring back?",
        ),
        (
            &["How many parts does the Pell have?", "What are they working on now?"],
            "How many parts has it got?",
            "How many parts has what they are working on now got?",
        ),
    ]);
}

#[test]
fn an_item_of_a_list_is_counted_on_from_the_one_before() {
    let districts: &[&str] = &["Which districts are next in line?", "What is the first of them?"];
    let second = "What is the second of the districts next in line?";
    check(&[
        (districts, "And after that?", second),
        (districts, "and then?", second),
        (districts, "What comes next?", second),
        (districts, "the one after that?", second),
        (districts, "And the last one?", "What is the last of the districts next in line?"),
        (
            &["What are the objections of Mr Pike?"],
            "and the second one?",
            "What is the second of the objections of Mr Pike?",
        ),
        (
            &["What are the objections of Mr Pike?", "and the second one?"],
            "And the next?",
            "What is the third of the objections of Mr Pike?",
        ),
        (
            &["Which initiatives were discussed?"],
            "Tell me more about the third",
            "What is the third of the initiatives discussed?",
        ),
        (
            &["What three things does Pike demand?"],
            "and his fourth one?",
            "What is the fourth one: What three things does Pike demand?",
        ),
        (
            &["What does Whitlock recommend to other towns?", "What was the first one?"],
            "And what comes third?",
            "What is the third one: What does Whitlock recommend to other towns?",
        ),
        (
            &["What are Tom Reed's demands?"],
            "And the one about the teachers?",
            "Which of Tom Reed's demands is about the teachers?",
        ),
        (&["When does the first bus leave?"], "And the last one?", "When does the last bus leave?"),
        (&["When does the first bus leave?"], "And the last bus?", "When does the last bus leave?"),
        (
            &["When did Sarah Lund give her first concert?"],
            "And her last one?",
            "When did Sarah Lund give her last concert?",
        ),
        (&["Which roads did they close?"], "And number two?", "What is the second one: Which roads did they close?"),
        (&["Which steps were decided?"], "What is the second step?", "What is the second of the steps decided?"),
        (&["When did the dam break?"], "And then?", "What happened after the dam breaking?"),
    ]);
}

#[test]
fn one_takes_the_noun_of_its_like() {
    check(&[
        (
            &["Why did the two heat pumps stop?", "When did the first pump run again?"],
            "When was the second one back?",
            "When was the second pump back?",
        ),
        (&["What does it cost to patch the old pier?"], "And the new one?", "What does it cost to patch the new pier?"),
        (
            &["Which firms applied?", "How many of them got the contract?"],
            "And the others?",
            "How many of the other firms got the contract?",
        ),
        (
            &["What is the first step?", "How long does it take?"],
            "And the second one?",
            "How long does the second step take?",
        ),
        (&["When did the first pump run again?"], "And the other one?", "When did the other pump run again?"),
        (&["Who painted the small chapel?"], "How old is the big one?", "How old is the big chapel?"),
        (
            &["Which bridges were closed?", "Why was the iron bridge closed?"],
            "When will the other two open?",
            "When will the other two bridges open?",
        ),
        (&["What does the cheapest bed cost?"], "And the most expensive?", "What does the most expensive bed cost?"),
    ]);
}

#[test]
fn places_wholes_and_numbers_are_filled_in() {
    check(&[
        (
            &["Where did the dialogue take place?"],
            "Which countries sent people there?",
            "Which countries sent people to the dialogue?",
        ),
        (&["When was the lighthouse built?"], "Who lives there now?", "Who lives at the lighthouse now?"),
        (
            &["How much of the cost did the climate fund cover?"],
            "And how was the rest paid for?",
            "And how was the rest of the cost paid for?",
        ),
        (&["Where do the bees live?", "What do they eat?"], "How many are there?", "How many bees are there?"),
        (&["What is a heat pump?"], "How much does one cost?", "How much does a heat pump cost?"),
        (
            &["Who designed the stamp?", "What does it show?"],
            "How many of them were printed?",
            "How many of the stamps were printed?",
        ),
        (
            &["How many species were found in the lake?", "Which of them are rare?"],
            "Why are they rare?",
            "Why are the species rare?",
        ),
    ]);
}

#[test]
fn part_of_the_question_before_is_exchanged() {
    check(&[
        (&["What does a new heating plate cost?"], "and the lid?", "What does the lid cost?"),
        (&["How many ran in 2019?"], "what about the year before?", "How many ran in 2018?"),
        (&["How many ran in 2019?"], "and five years earlier?", "How many ran in 2014?"),
        (&["How many ran in 2019?"], "And in 2023?", "How many ran in 2023?"),
        (&["How many ran in 2019?", "And in 2023?"], "and the year after?", "How many ran in 2024?"),
        (
            &["What was the turnover in 2022?", "And the year before that?"],
            "And two years later?",
            "What was the turnover in 2023?",
        ),
        (
            &["How many kettles did they sell last year?"],
            "And the year before that?",
            "How many kettles did they sell the year before last?",
        ),
        (&["How many were sold last year?"], "And in 2021?", "How many were sold in 2021?"),
        (
            &["What did Reed say about trade between 2019 and 2024?"],
            "And in 2015?",
            "What did Reed say about trade in 2015?",
        ),
        (&["When does the library open on Mondays?"], "and on Sundays?", "When does the library open on Sundays?"),
        (&["When does the library open on Mondays?"], "and the museum?", "When does the museum open on Mondays?"),
        (&["What did Whitlock say about fares?"], "and on costs?", "What did Whitlock say about costs?"),
        (
            &["What did Whitlock say about fares?"],
            "And his colleague?",
            "What did Whitlock’s colleague say about fares?",
        ),
        (
            &["What does Captain Sorley propose for the closure?"],
            "And Desmond Pike?",
            "What does Desmond Pike propose for the closure?",
        ),
        (
            &["How many signalling systems are there in Europe?"],
            "And in the United States?",
            "How many signalling systems are there in the United States?",
        ),
        (
            &["How many pupils answered the survey?", "What percentage of them are against it?"],
            "And of the teachers?",
            "What percentage of the teachers are against it?",
        ),
        (
            &["What share of the pupils is against the pouches?"],
            "And at break?",
            "What share of the pupils is against the pouches at break?",
        ),
        (
            &["What is the harbour due from next year?"],
            "And for dogs?",
            "What is the harbour due from next year for dogs?",
        ),
        (&["How long is the guarantee on the Pell?"], "And on the Dalby?", "How long is the guarantee on the Dalby?"),
        (&["What is the speed limit on the bridge?"], "And in the tunnel?", "What is the speed limit in the tunnel?"),
        (&["Which roads are closed this week?"], "And next week?", "Which roads are closed next week?"),
        (
            &["How many members did the club have in 2010?"],
            "What about now?",
            "How many members did the club have now?",
        ),
        (
            &["Does the mayor support the plan?", "and the harbour master?"],
            "What about the fishermen?",
            "Do the fishermen support the plan?",
        ),
        (&["How long is the tunnel?"], "and how wide?", "How wide is the tunnel?"),
        (&["What did the council spend on roads?"], "and schools?", "What did the council spend on schools?"),
    ]);
}

#[test]
fn a_bare_asking_word_asks_the_question_before_anew() {
    check(&[
        (&["When did the club fold?"], "Why?", "Why did the club fold?"),
        (&["Did the club fold?"], "when?", "When did the club fold?"),
        (&["Who organised the fair?"], "Who else?", "Who else organised the fair?"),
        (&["What did Whitlock say about fares?"], "Anything else?", "What else did Whitlock say about fares?"),
        (&["Which towns took part?"], "any others?", "Which other towns took part?"),
        (&["Who organised the fair?"], "Why?", "Why: Who organised the fair?"),
    ]);
}

#[test]
fn words_that_need_a_matter_get_that_of_the_question_before() {
    check(&[
        (
            &["Has a big manufacturer ever called Aoife Brannigan?", "What did they want?"],
            "Did she accept?",
            "Did Aoife Brannigan accept what the big manufacturer wanted?",
        ),
        (
            &["Did Whitlock oppose the new pier?"],
            "What was her reason?",
            "What was Whitlock’s reason for opposing the new pier?",
        ),
        (&["Why did Whitlock resign?"], "What was her reason?", "What was Whitlock’s reason for resigning?"),
        (
            &["What does Reed think about shame as a reason for taking the train?"],
            "Does the mayor agree?",
            "Does the mayor agree regarding shame as a reason for taking the train?",
        ),
        (
            &["What does Whitlock say about cultural exchanges?"],
            "Does she give an example?",
            "Does Whitlock give an example regarding cultural exchanges?",
        ),
    ]);
}

#[test]
fn people_are_told_apart() {
    check(&[
        (
            &["What does Mrs Sorley propose for the closure?", "And Desmond Pike?"],
            "What does he think about her idea?",
            "What does Desmond Pike think about Mrs Sorley’s idea?",
        ),
        (&["Who is Ada Whitlock?"], "how old is she", "how old is Ada Whitlock"),
        (&["Who is Ada Whitlock?"], "Who does she work for?", "Who does Ada Whitlock work for?"),
        (&["What did Tom Reed say?"], "What is his office?", "What is Tom Reed’s office?"),
        (&["What did Reed say about wages?", "And Ada Whitlock?"], "Do they agree?", "Do Reed and Ada Whitlock agree?"),
        (
            &["Who spoke for the islands?"],
            "What does he value most?",
            "What does the one who spoke for the islands value most?",
        ),
        (
            &["Why does Mina need her phone at school?", "What did Dr Adeyemi say about exemptions?"],
            "What solution was found for her?",
            "What solution was found for Mina?",
        ),
        (
            &["When did Sarah Lund join the orchestra?"],
            "What instrument does she play?",
            "What instrument does Sarah Lund play?",
        ),
        (
            &["What is the minister's plan?", "Who is against it?"],
            "Why are they against it?",
            "Why are those who are against the minister's plan against it?",
        ),
        (
            &["What did Ada Whitlock say about the tram?", "Is she in favour of it?"],
            "What about Tom Reed?",
            "Is Tom Reed in favour of the tram?",
        ),
        (&["What did the coach want?"], "Where was he born?", "Where was the coach born?"),
        (
            &["Who is Tom Reed?", "How often did his bus break down?"],
            "How did he sum up at the end?",
            "How did Tom Reed sum up at the end?",
        ),
        (
            &["Will the plant harm the fish?", "Who is Ada Whitlock?"],
            "Is there anything she is worried about?",
            "Is there anything Ada Whitlock is worried about?",
        ),
    ]);
}

#[test]
fn a_question_that_stands_alone_is_left_as_it_is() {
    let history: &[&str] =
        &["Which districts are next in line?", "What did Ada Whitlock say about the old pier?", "When did it close?"];
    for question in [
        "When does the ferry leave?",
        "Who is Tom Reed?",
        "What does it cost to patch the old pier?",
        "Is it true that the ferry was sold?",
        "What did Tom Reed say about his budget?",
        "Did the club say why it folded?",
        "When the plant broke down, how long was it out?",
        "What was the first step?",
        "Which one of the ferries was sold?",
        "What did the mayor say that surprised people?",
        "Why is that ferry so late today?",
        "How many parts does the kettle have?",
        "Who paid for the bridge, and when was it built?",
        "On which day did the fair open?",
        "Are there any kettles left?",
        "ferry timetable winter",
        "Which towns took part in the regatta, and who won it?",
        "Is there anyone who opposed the plan?",
        "Where is the other side of the river?",
        "What happened after the strike?",
        "Name the three steps",
        "How long does it take to reach the island?",
    ] {
        assert_eq!(understood(history, question).text, question);
    }
}

#[test]
fn the_question_before_is_the_background_of_one_that_leans_on_it() {
    let background = |history: &[&str], question: &str| understood(history, question).parts[0].background.clone();
    let before = "When did the lake plant break down?";
    for question in ["Who repaired it?", "Why?", "and the pump?", "the next one?", "Who paid?"] {
        assert_eq!(background(&[before], question).as_deref(), Some(before), "{question}");
    }
    assert_eq!(background(&[before], "Which towns took part in the spring regatta?"), None);
    assert_eq!(background(&[], "Who repaired it?"), None);
    let parts = understood(&[], "Who organised the spring fair for schools, and when did it open?").parts;
    assert_eq!(parts[1].background.as_deref(), Some("Who organised the spring fair for schools"));
}

#[test]
fn any_words_in_any_order_are_taken() {
    for text in [
        "and",
        "?",
        "the one",
        "of",
        "it",
        "and the",
        "who",
        "’s",
        "what about",
        "南宁？",
        "that that that",
        "an other one of",
    ] {
        for before in ["and", "who", "Who of", "it", "What is the", "南宁", "What are the", "which one", "?"] {
            understood(&[before, text, before], text);
        }
    }
}

#[test]
fn a_long_talk_does_not_grow_without_end() {
    let history = ["Who told him about that?"; 20];
    let complete = understood(&history, "Who told him about that?").text;
    assert!(complete.chars().count() <= super::super::MAX_CHARACTERS, "{}", complete.len());
}

#[test]
fn whoever_is_interviewed_is_meant_when_nobody_was_named() {
    let people = People::for_test(&[("Lena Hart", &[], &["interviewee"]), ("The Courier", &[], &["interviewer"])]);
    let question = Question::parse("What did she study?").unwrap();
    assert_eq!(interpret(&question, &[], &people, Mechanisms::default()).text, "What did Lena Hart study?");
}
