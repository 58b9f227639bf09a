//! What single vendors do beside events: they verify the address, call commands, give tokens.

use serde_json::{Value, json};

use super::messengers::{Messenger, feishu_encrypted, now, signed_token, teams_token};
use super::{Place, QUESTION, Scene, form, quotes, shows_all};
use crate::helpers::{Seen, TestApp, binary, shipped_knowledge};

fn post(app: &TestApp, place: &Place, body: &str) -> Seen {
    let headers = (place.messenger.sign)(body.as_bytes(), now(), &place.vendor);
    place.post_with(app, body.into(), headers)
}

#[test]
fn slack_gets_its_challenge_back_when_it_has_signed_it() {
    let scene = Scene::with(&["slack"]);
    let body = json!({ "type": "url_verification", "token": "t", "challenge": "3eZbrw1aB" }).to_string();
    let seen = post(&scene.app, &scene.places[0], &body);
    assert_eq!((seen.status, seen.text().as_str()), (200, "3eZbrw1aB"));
    assert!(seen.header("content-type").starts_with("text/plain"));
    assert_eq!(scene.places[0].post_with(&scene.app, body.into(), Vec::new()).status, 401);
}

#[test]
fn whatsapp_gets_its_challenge_back_when_it_knows_the_token() {
    let scene = Scene::with(&["whatsapp"]);
    let ask = |token: &str| {
        let query = format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}");
        scene.app.get(&format!("/channels/whatsapp/events?{query}"))
    };
    let seen = ask("a-verify-token");
    assert_eq!((seen.status, seen.text().as_str()), (200, "1158201444"));
    assert_eq!((ask("another").status, ask("").status), (403, 403));
}

#[test]
fn discord_gets_a_pong_and_bad_signatures_get_401() {
    let scene = Scene::with(&["discord"]);
    let place = &scene.places[0];
    assert_eq!(post(&scene.app, place, "{\"type\":1}").json(), json!({ "type": 1 }));
    let headers = (place.messenger.sign)(b"{\"type\":2}", now(), &place.vendor);
    assert_eq!(place.post_with(&scene.app, b"{\"type\":1}".to_vec(), headers).status, 401);
}

#[test]
fn discord_shows_that_the_answer_is_on_its_way_and_then_the_answer() {
    let scene = Scene::with(&["discord"]);
    let place = &scene.places[0];
    assert_eq!(place.post(&scene.app, &place.question(QUESTION, "1")).json(), json!({ "type": 5 }));
    let message = place.vendor.messages(1).pop().expect("an answer");
    assert_eq!(
        (message.method.as_str(), message.path.as_str()),
        ("PATCH", "/webhooks/A1/interaction-token/messages/@original")
    );
    assert_eq!(message.body["allowed_mentions"], json!({ "parse": [] }));
}

#[test]
fn feishu_gets_its_challenge_back_when_it_is_encrypted_and_has_the_token() {
    let scene = Scene::with(&["feishu"]);
    let place = &scene.places[0];
    let ask = |body: Value| place.post_with(&scene.app, body.to_string().into_bytes(), Vec::new());
    let challenge = |token: &str| json!({ "type": "url_verification", "challenge": "c1", "token": token });
    let encrypted = |body: &Value| json!({ "encrypt": feishu_encrypted(body) });
    assert_eq!(ask(encrypted(&challenge("a-verify-token"))).json(), json!({ "challenge": "c1" }));
    assert_eq!(ask(encrypted(&challenge("another"))).status, 401);
    assert_eq!(ask(challenge("a-verify-token")).status, 401);
    // An event without a signature, encrypted as it is.
    assert_eq!(ask(encrypted(&place.question(QUESTION, "1"))).status, 401);
    assert!(place.vendor.messages(0).is_empty());
}

#[test]
fn feishu_and_teams_fetch_a_token_once_and_again_when_it_is_no_longer_taken() {
    let scene = Scene::with(&["feishu", "teams"]);
    for (place, end) in scene.places.iter().zip(["/tenant_access_token/internal", "/oauth2/v2.0/token"]) {
        let first = place.answer(&scene.app, QUESTION, "1");
        assert_eq!(first[0].header("authorization"), "Bearer fetched");
        place.answer(&scene.app, "Who organized the dialog?", "2");
        assert_eq!(place.vendor.fetched(end).len(), 1, "{end}");
        place.vendor.next(401, &[], json!({ "code": 99_991_663 }));
        place.ask(&scene.app, QUESTION, "3");
        place.vendor.messages(4);
        assert_eq!(place.vendor.fetched(end).len(), 2, "{end}");
    }
    let asked = scene.places[1].vendor.fetched("/oauth2/v2.0/token").remove(0);
    assert_eq!(asked.path, "/botframework.com/oauth2/v2.0/token");
    for field in ["grant_type=client_credentials", "client_id=app-1", "client_secret=a-secret-for-tests", "scope=https"]
    {
        assert!(asked.raw.contains(field), "{field} in {}", asked.raw);
    }
}

#[test]
fn teams_takes_a_token_of_the_bot_framework_for_this_app_and_this_activity_alone() {
    let scene = Scene::with(&["teams"]);
    let place = &scene.places[0];
    let activity = place.question(QUESTION, "1");
    let post = |activity: &Value, token: String| {
        let headers = vec![("authorization", format!("Bearer {token}"))];
        place.post_with(&scene.app, activity.to_string().into_bytes(), headers).status
    };
    let claims = |change: Value| {
        let mut claims = json!({ "iss": "https://api.botframework.com", "aud": "app-1", "exp": now() + 60,
                                 "serviceurl": place.vendor.address });
        claims.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        claims
    };
    let header = json!({ "alg": "RS256", "kid": "k1" });
    let with = |header: &Value, change: Value| signed_token(header, &claims(change));
    assert_eq!(post(&activity, teams_token(&place.vendor, now(), "another-app")), 403);
    assert_eq!(post(&activity, with(&header, json!({ "iss": "https://evil.org" }))), 403);
    assert_eq!(post(&activity, with(&header, json!({ "serviceurl": "https://evil.org" }))), 403);
    assert_eq!(post(&activity, with(&header, json!({ "exp": null }))), 401);
    assert_eq!(post(&activity, with(&json!({ "alg": "none", "kid": "k1" }), json!({}))), 401);
    assert_eq!(post(&activity, with(&json!({ "alg": "HS256", "kid": "k1" }), json!({}))), 401);
    assert_eq!(post(&activity, with(&json!({ "alg": "RS256", "kid": "k2" }), json!({}))), 401);
    let mut elsewhere = activity.clone();
    elsewhere["channelId"] = json!("webchat");
    assert_eq!(post(&elsewhere, with(&header, json!({}))), 403, "the key does not sign for that channel");
    assert!(place.vendor.messages(0).is_empty());
    assert_eq!(post(&activity, with(&header, json!({}))), 200);
    let message = place.vendor.messages(1).pop().expect("an answer");
    assert_eq!(message.path, "/v3/conversations/19%3A7%40thread%2Ev2/activities/1");
    assert_eq!(message.body["channelData"]["feedbackLoop"]["type"], "default");
    // Keys that nobody knows do not make the server ask for them each time.
    assert_eq!(place.vendor.fetched("/keys").len(), 1);
}

#[test]
fn a_slash_command_is_answered_at_the_address_that_came_with_it() {
    let scene = Scene::with(&["slack"]);
    let (app, place) = (&scene.app, &scene.places[0]);
    let command = |text: &str, id: &str, url: &str| {
        let fields = [
            ("team_id", "T1"),
            ("channel_id", "C1"),
            ("user_id", "U1"),
            ("command", "/ask"),
            ("text", text),
            ("trigger_id", id),
            ("response_url", url),
        ];
        let body = form(&fields);
        let headers = (place.messenger.sign)(&body, now(), &place.vendor);
        let request = app.request("POST", "/channels/slack/commands");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        Seen::of(request.body(body))
    };
    let url = format!("{}/respond/1", place.vendor.address);
    let seen = command(QUESTION, "1.1", &url);
    assert_eq!((seen.status, seen.text().as_str()), (200, ""));
    let message = place.vendor.messages(1).pop().expect("an answer");
    assert_eq!((message.path.as_str(), &message.body["response_type"]), ("/respond/1", &json!("ephemeral")));
    shows_all(&place.shown(&[message]), &quotes(&app.answer(QUESTION)), "a command");
    assert_eq!(command(QUESTION, "1.1", &url).status, 200);
    assert_eq!(command("and about trade?", "1.2", &url).status, 200);
    let follow_up = place.vendor.only(2).pop().expect("an answer");
    assert!(place.shown(&[follow_up]).contains("Read as:"));
    assert_eq!(command(QUESTION, "1.3", "https://evil.example.org/").status, 400);
}

#[test]
fn check_says_which_messengers_are_on_and_what_they_lack() {
    let data = tempfile::tempdir().expect("a folder");
    let check = |settings: &[(&str, &str)]| {
        let mut command = binary("check", &shipped_knowledge(), data.path());
        let output = command.envs(settings.iter().copied()).output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let secret = ("DIALOGDESK_SLACK_SECRET", "never-shown");
    let (code, said) = check(&[secret]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("on: slack") && said.contains("server.public_url is not set"), "{said}");
    assert!(said.contains("DIALOGDESK_SLACK_TOKEN is not set") && !said.contains("never-shown"), "{said}");
    let (code, said) = check(&[secret, ("DIALOGDESK_SERVER_PUBLIC_URL", "https://desk.example.org")]);
    assert_eq!(code, Some(0), "{said}");
}

/// At the finest level, at which libraries write down what they do.
#[test]
fn no_log_shows_a_secret_or_what_a_person_wrote() {
    let (data, log) = (tempfile::tempdir().expect("a folder"), tempfile::NamedTempFile::new().expect("a file"));
    let place = Place { messenger: Messenger::named("telegram"), vendor: super::messengers::vendor() };
    let settings = place.messenger.settings(&place.vendor);
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let app = TestApp::with_log(data.path(), &settings, log.reopen().expect("the file"));
    let question = "What did Dr. Mei Lin say about openness, ships and zebras?";
    place.vendor.next(500, &[], json!({}));
    place.vendor.next(400, &[], json!({ "ok": false, "description": "Bad Request" }));
    place.ask(&app, question, "1");
    place.vendor.messages(2);
    place.answer(&app, "Who organized the dialog?", "2");
    drop(app);
    let written = std::fs::read_to_string(log.path()).expect("a log");
    assert!(written.contains("a message was not delivered"), "the check needs a log line: {}", written.len());
    for hidden in [super::messengers::SECRET, super::messengers::TOKEN, "zebras"] {
        let line = written.lines().find(|line| line.contains(hidden));
        assert!(line.is_none(), "{hidden} in {line:?}");
    }
}
