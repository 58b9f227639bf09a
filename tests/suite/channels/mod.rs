//! Messengers, from a signed request to the messages that arrive: every check is made of all of them,
//! with a vendor on loopback (`vendor`) that behaves as `messengers` describes.

mod handshakes;
pub mod messengers;
mod sdks;
pub mod vendor;

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::helpers::{Seen, TestApp};
use messengers::{Asked, Dated, Headers, MESSENGERS, Messenger, now};
use vendor::{Request, Vendor};

const QUESTION: &str = "What did Dr. Mei Lin say about openness?";

/// A server with messengers on, and their vendors.
pub struct Scene {
    pub app: TestApp,
    pub places: Vec<Place>,
    data: Option<tempfile::TempDir>,
}

/// A messenger with its vendor.
pub struct Place {
    pub messenger: &'static Messenger,
    pub vendor: Vendor,
}

impl Scene {
    /// All messengers, over the shipped knowledge.
    pub fn with_all() -> Self {
        Self::with(&MESSENGERS.iter().map(|messenger| messenger.name).collect::<Vec<_>>())
    }

    /// Without the reader, which answers better and slower and is nothing to a messenger.
    pub fn with(names: &[&str]) -> Self {
        Self::set(names, false)
    }

    /// Answers as the product does.
    pub fn as_shipped(names: &[&str]) -> Self {
        Self::set(names, true)
    }

    fn set(names: &[&str], reader: bool) -> Self {
        let places = places(names);
        let data = tempfile::tempdir().expect("a folder");
        let app = start(data.path(), &places, reader);
        Self { app, places, data: Some(data) }
    }

    /// All messengers over an article.
    fn over(article: &str) -> Self {
        let places = places(&MESSENGERS.iter().map(|messenger| messenger.name).collect::<Vec<_>>());
        let settings = settings(&places);
        let settings: Vec<(&str, &str)> =
            settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let app = TestApp::with_knowledge_and(&[("article.md", article.as_bytes())], &settings);
        Self { app, places, data: None }
    }

    fn restart(self) -> Self {
        let Self { mut app, places, data } = self;
        assert_eq!(app.terminate(), Some(0));
        let app = start(data.as_ref().expect("a folder that stays").path(), &places, false);
        Self { app, places, data }
    }

    pub fn data(&self) -> &Path {
        self.data.as_ref().expect("a folder that stays").path()
    }
}

fn places(names: &[&str]) -> Vec<Place> {
    names.iter().map(|name| Place { messenger: Messenger::named(name), vendor: messengers::vendor() }).collect()
}

fn settings(places: &[Place]) -> Vec<(String, String)> {
    places.iter().flat_map(|place| place.messenger.settings(&place.vendor)).collect()
}

fn start(data: &Path, places: &[Place], reader: bool) -> TestApp {
    let settings = settings(places);
    let mut settings: Vec<(&str, &str)> =
        settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if !reader {
        settings.push(("DIALOGDESK_ANSWERING_READER", "false"));
    }
    TestApp::with_data(data, &settings, &[])
}

impl Place {
    fn question(&self, text: &str, id: &str) -> Value {
        self.question_at("7", text, id)
    }

    fn question_at(&self, place: &str, text: &str, id: &str) -> Value {
        (self.messenger.question)(&self.vendor, &Asked { text, id, at: now(), place })
    }

    /// Posts an event with the signature of the vendor.
    pub fn post(&self, app: &TestApp, event: &Value) -> Seen {
        let body = (self.messenger.wrap)(event);
        let headers = (self.messenger.sign)(&body, now(), &self.vendor);
        self.post_with(app, body, headers)
    }

    fn post_with(&self, app: &TestApp, body: Vec<u8>, headers: Headers) -> Seen {
        let request = app.request("POST", &self.messenger.path()).header("content-type", "application/json");
        let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        Seen::of(request.body(body))
    }

    pub fn ask(&self, app: &TestApp, text: &str, id: &str) {
        self.ask_at("7", app, text, id);
    }

    fn ask_at(&self, place: &str, app: &TestApp, text: &str, id: &str) {
        let seen = self.post(app, &self.question_at(place, text, id));
        assert_eq!(seen.status, 200, "{}: {}", self.messenger.name, seen.text());
    }

    /// The messages of the one answer to a question, asked when nothing else is under way.
    pub fn answer(&self, app: &TestApp, text: &str, id: &str) -> Vec<Request> {
        self.answer_at("7", app, text, id)
    }

    /// The same in another conversation.
    pub fn answer_at(&self, place: &str, app: &TestApp, text: &str, id: &str) -> Vec<Request> {
        let before = self.vendor.messages(0).len();
        self.ask_at(place, app, text, id);
        self.vendor.messages(before + 1);
        // The messages of one answer follow one another closely.
        let mut count = before + 1;
        loop {
            std::thread::sleep(Duration::from_millis(400));
            let seen = self.vendor.messages(count);
            if seen.len() == count {
                return seen[before..].to_vec();
            }
            count = seen.len();
        }
    }

    fn shown(&self, messages: &[Request]) -> String {
        self.messenger.shown_of(messages).0
    }
}

/// The quotes of a reply of the API that its answer shows.
fn quotes(reply: &Value) -> Vec<String> {
    let cited = reply["citations"].as_array().expect("a list").iter();
    cited.map(|citation| citation["quote_text"].as_str().expect("a text").to_owned()).collect()
}

fn shows_all(shown: &str, quotes: &[String], name: &str) {
    assert!(!quotes.is_empty(), "{name}: nothing to compare");
    for quote in quotes {
        assert!(shown.contains(quote), "{name}: {quote:?} is not in {shown:?}");
    }
}

#[test]
fn a_follow_up_is_understood_where_the_question_was_asked() {
    let scene = Scene::with_all();
    let first = scene.app.answer(QUESTION);
    let body = json!({ "question": "And about trade?", "conversation_id": first["conversation_id"] });
    let second = scene.app.ask(&body).json();
    assert_ne!(
        second["interpreted_question"], second["question"],
        "the check needs a question that leans on the first"
    );
    for place in &scene.places {
        let name = place.messenger.name;
        shows_all(&place.shown(&place.answer(&scene.app, QUESTION, "1")), &quotes(&first), name);
        let shown = place.shown(&place.answer(&scene.app, "And about trade?", "2"));
        let read_as = second["interpreted_question"].as_str().expect("a text");
        assert!(shown.contains(read_as), "{name}: {read_as:?} is not in {shown:?}");
    }
}

#[test]
fn what_is_forged_is_refused_and_nothing_of_it_is_kept() {
    let scene = Scene::with_all();
    for place in &scene.places {
        let (messenger, event) = (place.messenger, place.question(QUESTION, "1"));
        let body = (messenger.wrap)(&event);
        let right = (messenger.sign)(&body, now(), &place.vendor);
        let mut refused: Vec<Headers> = vec![Vec::new()];
        // Each header missing, and each changed in its last character.
        for at in 0..right.len() {
            let mut without = right.clone();
            without.remove(at);
            refused.push(without);
            let mut changed = right.clone();
            let last = changed[at].1.pop().expect("a value");
            changed[at].1.push(if last == '0' { '1' } else { '0' });
            refused.push(changed);
        }
        if !matches!(messenger.name, "telegram" | "teams") {
            refused.push((messenger.sign)(&[&body[..], b" "].concat(), now(), &place.vendor));
        }
        for headers in refused {
            let seen = place.post_with(&scene.app, body.clone(), headers.clone());
            assert_eq!(seen.status, 401, "{}: {headers:?}", messenger.name);
            assert!(matches!(seen.problem().as_str(), "not-signed" | "stale"), "{}", messenger.name);
        }
        assert!(place.vendor.messages(0).is_empty());
        // Had anything been kept, this were a duplicate now.
        let answer = place.post_with(&scene.app, body, right);
        assert_eq!(answer.status, 200, "{}: {}", messenger.name, answer.text());
        place.vendor.messages(1);
    }
}

#[test]
fn what_is_stale_is_refused_or_dropped() {
    let scene = Scene::with_all();
    for place in &scene.places {
        let messenger = place.messenger;
        for away in [-3600, -301, 301] {
            let event = place.question(QUESTION, "1");
            let body = (messenger.wrap)(&event);
            if messenger.dated == Dated::Signature && messenger.name != "teams" {
                let headers = (messenger.sign)(&body, now() + away, &place.vendor);
                let seen = place.post_with(&scene.app, body, headers);
                assert_eq!((seen.status, seen.problem().as_str()), (401, "stale"), "{}, {away}", messenger.name);
            }
        }
        if messenger.name == "teams" {
            let body = (messenger.wrap)(&place.question(QUESTION, "1"));
            for away in [-3600, 3600] {
                let headers = (messenger.sign)(&body, now() + away, &place.vendor);
                assert_eq!(place.post_with(&scene.app, body.clone(), headers).problem(), "stale");
            }
        }
        if messenger.dated == Dated::Event {
            let asked = Asked { text: QUESTION, id: "1", at: now() - 25 * 3600, place: "7" };
            assert_eq!(place.post(&scene.app, &(messenger.question)(&place.vendor, &asked)).status, 200);
        }
    }
    std::thread::sleep(Duration::from_millis(800));
    for place in &scene.places {
        assert!(place.vendor.messages(0).is_empty(), "{}", place.messenger.name);
    }
}

#[test]
fn the_same_event_is_answered_once_also_after_a_restart() {
    let scene = Scene::with_all();
    let events: Vec<Value> = scene.places.iter().map(|place| place.question(QUESTION, "1")).collect();
    for (place, event) in scene.places.iter().zip(&events) {
        // The very same request again is a replay; the same event signed anew is sent by the vendor.
        let body = (place.messenger.wrap)(event);
        let headers = (place.messenger.sign)(&body, now(), &place.vendor);
        for _ in 0..3 {
            assert_eq!(place.post_with(&scene.app, body.clone(), headers.clone()).status, 200);
        }
        place.vendor.messages(1);
    }
    let scene = scene.restart();
    for (place, event) in scene.places.iter().zip(&events) {
        assert_eq!(place.post(&scene.app, event).status, 200);
    }
    for place in &scene.places {
        place.vendor.only(1);
    }
}

#[test]
fn a_conversation_goes_on_after_a_restart() {
    let scene = Scene::with(&["telegram"]);
    scene.places[0].answer(&scene.app, QUESTION, "1");
    let scene = scene.restart();
    let shown = scene.places[0].shown(&scene.places[0].answer(&scene.app, "And about trade?", "2"));
    assert!(shown.contains("Read as:") && shown.contains("Mei Lin"), "{shown}");
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_read() {
    let scene = Scene::with_all();
    for place in &scene.places {
        let body = (place.messenger.wrap)(&place.question(&"x".repeat(300 * 1024), "1"));
        let headers = (place.messenger.sign)(&body, now(), &place.vendor);
        let seen = place.post_with(&scene.app, body, headers);
        assert_eq!((seen.status, seen.problem().as_str()), (413, "body-too-large"), "{}", place.messenger.name);
    }
}

#[test]
fn what_is_signed_and_makes_no_sense_is_refused_without_harm() {
    let scene = Scene::with_all();
    let odd = ["", "{", "[]", "null", "\"x\"", "{}", "{\"type\":{}}", "{\"events\":[null,1]}", "{\"entry\":7}"];
    for place in &scene.places {
        for body in odd {
            let headers = (place.messenger.sign)(body.as_bytes(), now(), &place.vendor);
            let seen = place.post_with(&scene.app, body.into(), headers);
            assert!(matches!(seen.status, 200 | 400 | 401 | 403), "{}: {body}: {}", place.messenger.name, seen.status);
        }
        assert!(place.vendor.messages(0).is_empty(), "{}", place.messenger.name);
    }
    assert_eq!(scene.app.get("/healthz").status, 200);
}

#[test]
fn what_the_bot_wrote_itself_is_not_answered() {
    let scene = Scene::with_all();
    let sends_own = |place: &&Place| place.messenger.own.is_some();
    for place in scene.places.iter().filter(sends_own) {
        let own = place.messenger.own.expect("filtered");
        let mut event = place.question(QUESTION, "1");
        own(&mut event);
        assert_eq!(place.post(&scene.app, &event).status, 200, "{}", place.messenger.name);
        // What comes after it is answered, and nothing comes before that.
        place.ask(&scene.app, "Who organized the dialog?", "2");
    }
    for place in scene.places.iter().filter(sends_own) {
        place.vendor.only(1);
    }
}

#[test]
fn a_vendor_that_asks_for_time_gets_it_and_one_that_fails_is_asked_again() {
    let scene = Scene::with_all();
    for place in &scene.places {
        place.vendor.next(429, &[("retry-after", "2")], json!({}));
        place.vendor.next(500, &[], json!({}));
        place.ask(&scene.app, QUESTION, "1");
    }
    for place in &scene.places {
        let name = place.messenger.name;
        let seen = place.vendor.only(3);
        assert!(seen[1].at - seen[0].at >= Duration::from_secs(2), "{name} was not given its two seconds");
        assert!(seen[2].at - seen[1].at >= Duration::from_millis(250), "{name} was asked again at once");
        assert_eq!((&seen[0].body, &seen[1].body), (&seen[1].body, &seen[2].body), "{name}");
    }
}

#[test]
fn a_message_that_a_vendor_refuses_is_not_sent_again() {
    let scene = Scene::with_all();
    for place in &scene.places {
        place.vendor.next(403, &[], json!({ "ok": false, "error": "not_in_channel", "code": 5 }));
        place.ask(&scene.app, QUESTION, "1");
    }
    for place in &scene.places {
        // LINE's reply token may be spent, so that it is tried once by another address.
        place.vendor.only(if place.messenger.name == "line" { 2 } else { 1 });
    }
    assert!(
        scene.app.metrics().contains("dialogdesk_channel_replies_total{channel=\"slack\",outcome=\"undelivered\"} 1")
    );
}

#[test]
fn a_thumb_is_kept_with_the_reply_that_it_is_for() {
    rate_answers(Scene::with_all(), |scene| scene);
}

#[test]
fn a_thumb_below_an_answer_from_before_a_restart_is_kept_too() {
    rate_answers(Scene::with_all(), Scene::restart);
}

/// Asks, lets something happen, and rates the answer.
fn rate_answers(scene: Scene, meanwhile: impl FnOnce(Scene) -> Scene) {
    let answer = |place: &Place| place.answer(&scene.app, QUESTION, "1");
    let answers: Vec<Vec<Request>> = scene.places.iter().map(answer).collect();
    let scene = meanwhile(scene);
    for (place, messages) in scene.places.iter().zip(answers) {
        let mut thumb = (place.messenger.thumb_up)(messages.last().expect("an answer"), messages.len());
        if place.messenger.name == "slack" {
            slack_click(&scene.app, place, &mut thumb);
        } else {
            let seen = place.post(&scene.app, &thumb);
            assert_eq!(seen.status, 200, "{}: {}", place.messenger.name, seen.text());
        }
    }
    let database = rusqlite::Connection::open(scene.data().join("dialogdesk.db")).expect("a database");
    let rated = |name: &str| -> i64 {
        let sql = "SELECT count(*) FROM feedback JOIN questions USING (reply_id) WHERE channel = ? AND rating = 'up'";
        database.query_row(sql, [name], |row| row.get(0)).expect("a count")
    };
    for place in &scene.places {
        let name = place.messenger.name;
        let until = std::time::Instant::now() + Duration::from_secs(10);
        while rated(name) == 0 && std::time::Instant::now() < until {
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(rated(name), 1, "{name}");
    }
}

/// Slack posts clicks as a form, with an address to answer to.
fn slack_click(app: &TestApp, place: &Place, payload: &mut Value) {
    payload["response_url"] = json!(format!("{}/respond", place.vendor.address));
    let body = form(&[("payload", &payload.to_string())]);
    let headers = (place.messenger.sign)(&body, now(), &place.vendor);
    let request =
        app.request("POST", &place.messenger.path()).header("content-type", "application/x-www-form-urlencoded");
    let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
    assert_eq!(Seen::of(request.body(body)).status, 200);
    let thanks = place.vendor.messages(2).pop().expect("thanks");
    assert_eq!((thanks.path.as_str(), &thanks.body["response_type"]), ("/respond", &json!("ephemeral")));
}

fn form(fields: &[(&str, &str)]) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes()
}

/// Words that mean something in the markup of one messenger or another.
const MARKED: &str = "The harbour *must* open _soon_ for ~all~ `ships` & <b>boats</b>, said <!channel> and @everyone, \
                      see <https://evil.org|this>, [that](https://evil.org), <at user_id=\"all\"></at> and **more**";

#[test]
fn no_word_of_a_document_or_a_question_becomes_markup() {
    let article = format!("# The harbour\n\nA plan.\n\n```\n{MARKED}.\n```\n\nThe harbour has 12 berths.\n");
    let scene = Scene::over(&article);
    let question = "What must the harbour do for ships and boats, said everyone?";
    let reply = scene.app.answer(question);
    let found = reply["citations"].as_array().into_iter().chain(reply["related"].as_array()).flatten();
    assert!(found.clone().any(|c| c["quote_text"].as_str().is_some_and(|q| q.contains("<!channel>"))), "{reply:#}");
    for place in &scene.places {
        let name = place.messenger.name;
        let messages = place.answer(&scene.app, question, "1");
        let (shown, links) = place.messenger.shown_of(&messages);
        assert!(shown.contains("*must* open _soon_ for ~all~ `ships` & <b>boats</b>"), "{name}: {shown}");
        assert!(
            links.iter().all(|link| !link.starts_with("https://evil.org") || name == "whatsapp" || name == "line"),
            "{name}: {links:?}"
        );
        // What Teams calls an abstract is plain text.
        let text =
            |message: &Request| if name == "teams" { message.body["text"].to_string() } else { message.raw.clone() };
        let raw: String = messages.iter().map(text).collect();
        let live: &[&str] = match name {
            "slack" => &["\"mrkdwn\":true", "\"type\":\"mrkdwn\""],
            "telegram" => &["<b>boats", "<!channel>", "@everyone"],
            "whatsapp" => &["*must*", "_soon_"],
            "discord" => &["*must*", " @everyone", "<!channel>", "[that](https"],
            "teams" => &["*must*", "<b>", "<at ", "[that](https"],
            _ => &[],
        };
        for marks in live {
            assert!(!raw.contains(marks), "{name}: {marks} in {raw}");
        }
    }
    let slack = scene.places.iter().find(|place| place.messenger.name == "slack").expect("Slack");
    let message = slack.vendor.messages(1).pop().expect("an answer");
    let fallback = message.body["text"].as_str().expect("a text");
    assert!(fallback.contains("&lt;!channel&gt;") && !fallback.contains("<!channel>"), "{fallback}");
}

#[test]
fn a_long_answer_comes_in_messages_that_the_vendor_takes() {
    let item = |n: usize| {
        format!("- Step {n}: {}and then rest.\n", format!("build wall {n} of the harbour with stone, ").repeat(14))
    };
    let items: String = (1..=20).map(item).collect();
    let scene = Scene::over(&format!("# The harbour\n\nThe steps of the plan are:\n\n{items}"));
    let question = "What are the steps of the plan?";
    let quotes = quotes(&scene.app.answer(question));
    assert!(quotes.iter().map(String::len).sum::<usize>() > 8000, "the check needs a long answer");
    for place in &scene.places {
        let (name, limit) = (place.messenger.name, place.messenger.limit);
        let messages = place.answer(&scene.app, question, "1");
        for message in &messages {
            let length = (place.messenger.length)(message);
            assert!(length <= limit || (name == "slack" && length <= 4000), "{name}: {length} of {limit}");
        }
        // A message may end within a quote that is longer than a sentence.
        let together = |text: &str| text.split_whitespace().collect::<String>();
        let shown = together(&place.shown(&messages));
        let quotes: Vec<String> = quotes.iter().map(|quote| together(quote)).collect();
        shows_all(&shown, &quotes, name);
        let at: Vec<usize> = quotes.iter().map(|quote| shown.find(quote).expect("shown")).collect();
        assert!(at.is_sorted(), "{name}");
        assert!(messages.len() > 1 || matches!(name, "feishu" | "line"), "{name}: {} message", messages.len());
    }
}

#[test]
fn a_full_queue_sends_the_vendor_away_and_takes_the_event_later() {
    let scene = Scene::with(&["telegram"]);
    let place = &scene.places[0];
    // In each conversation the first answer waits for the vendor, and the others for their turn.
    let conversations = 17;
    (0..conversations).for_each(|_| place.vendor.next(429, &[("retry-after", "20")], json!({})));
    let question = |n: usize| {
        place.question_at(&(70 + n % conversations).to_string(), "Who organized the dialog?", &(n + 1).to_string())
    };
    let mut taken = 0;
    let refused = loop {
        let seen = place.post(&scene.app, &question(taken));
        if seen.status != 200 || taken > 300 {
            break seen;
        }
        taken += 1;
    };
    assert_eq!((refused.status, refused.problem().as_str()), (503, "try-later"), "after {taken}");
    assert_eq!((taken, refused.header("retry-after")), (256, "5"));
    place.vendor.messages(20);
    assert_eq!(place.post(&scene.app, &question(taken)).status, 200, "it was refused, so it is no duplicate");
}

#[test]
fn who_sends_much_at_once_waits_and_keeps_nobody_else_waiting() {
    let scene = Scene::with(&["telegram"]);
    let place = &scene.places[0];
    place.vendor.next(429, &[("retry-after", "20")], json!({}));
    let post = |chat: &str, n: usize| {
        place.post(&scene.app, &place.question_at(chat, "Who organized the dialog?", &n.to_string())).status
    };
    let taken = (1..100).take_while(|n| post("70", *n) == 200).count();
    assert_eq!(taken, 16);
    assert_eq!((post("71", 101), post("70", 102)), (200, 503));
}

#[test]
fn questions_of_one_conversation_are_answered_in_their_order() {
    let scene = Scene::with(&["slack"]);
    let place = &scene.places[0];
    let questions = ["Who organized the dialog?", QUESTION, "When was the article published?", "And about trade?"];
    for (n, question) in questions.iter().enumerate() {
        place.ask(&scene.app, question, &n.to_string());
    }
    let messages = place.vendor.messages(questions.len());
    for (question, message) in questions.iter().take(3).zip(&messages) {
        shows_all(&place.shown(std::slice::from_ref(message)), &quotes(&scene.app.answer(question)), question);
    }
}

#[test]
fn who_asks_nothing_is_told_how_to_ask_and_who_asks_too_much_how_much() {
    let scene = Scene::with_all();
    for place in &scene.places {
        let name = place.messenger.name;
        let shown = place.shown(&place.answer(&scene.app, &"why ".repeat(600), "1"));
        assert!(shown.contains("2,000 characters"), "{name}: {shown}");
    }
    let slack = scene.places.iter().find(|place| place.messenger.name == "slack").expect("Slack");
    let hint = slack.answer(&scene.app, "", "2").pop().expect("a hint");
    assert_eq!((hint.path.as_str(), &hint.body["user"]), ("/chat.postEphemeral", &json!("U1")));
}

#[test]
fn a_messenger_without_its_secret_has_no_address() {
    let app = TestApp::start();
    let missing = app.get("/no-such-address");
    for name in MESSENGERS.iter().map(|messenger| messenger.name).chain(["matrix"]) {
        for seen in
            [app.post(&format!("/channels/{name}/events"), &json!({})), app.get(&format!("/channels/{name}/events"))]
        {
            assert_eq!((seen.status, seen.text()), (404, missing.text()), "{name}");
        }
    }
    assert_eq!(app.post("/channels/slack/commands", &json!({})).status, 404);
}
