//! What a client makes of what somebody types.

use serde_json::json;

use crate::client::Town;

#[tokio::test]
async fn a_client_escapes_and_links_what_is_typed() {
    let town = Town::new().await;
    let (ann, bot, general, secret) = (&town.ann, &town.bot, &town.general, &town.secret);
    let cases = [
        ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d".into()),
        ("@boson help", format!("<@{bot}> help")),
        ("@Ann Other, look", format!("<@{ann}>, look")),
        ("@ann: hi @annabel", format!("<@{ann}>: hi @annabel")),
        ("x@ann no name", "x@ann no name".into()),
        (
            "@here @channel @nobody",
            "<!here> <!channel> @nobody".into(),
        ),
        ("see #general.", format!("see <#{general}|general>.")),
        (
            "see #secret and #nothing",
            format!("see <#{secret}|> and #nothing"),
        ),
        (
            "https://x.org/a?b=1&c=2!",
            "<https://x.org/a?b=1&amp;c=2>!".into(),
        ),
        ("(http://x.org)", "(<http://x.org>)".into()),
        (
            "mail a.b@x.org now",
            "mail <mailto:a.b@x.org|a.b@x.org> now".into(),
        ),
        (
            "go to x.example.com/p",
            "go to <http://x.example.com/p|x.example.com/p>".into(),
        ),
        ("main.c and 1.5 and e.g.", "main.c and 1.5 and e.g.".into()),
        (
            "`@ann <b> https://x.org` @ann",
            format!("`@ann &lt;b&gt; https://x.org` <@{ann}>"),
        ),
        ("```x.org```", "```x.org```".into()),
        ("*é* 日本 @ann", format!("*é* 日本 <@{ann}>")),
    ];
    for (typed, expected) in cases {
        let say =
            json!({"type": "say", "channel": general, "user": ann, "text": typed, "typed": true});
        let ts = town.inject(say).await["ts"].clone();
        let slack = town.server.slack();
        let message = &slack.channels[general].messages[ts.as_str().unwrap()];
        assert_eq!(message.text, expected, "{typed}");
    }
}

#[tokio::test]
async fn smart_punctuation_and_raw_text_come_as_they_are() {
    let town = Town::new().await;
    let mut ear = town.ear().await;
    let say =
        |text: &str| json!({"type": "say", "channel": "#general", "user": "ann", "text": text});
    let mut smart = say("track --name \"it's\" ('x')");
    smart["smart"] = json!(true);
    town.inject(smart).await;
    let expected = "track \u{2014}name \u{201c}it\u{2019}s\u{201d} (\u{2018}x\u{2019})";
    assert_eq!(ear.event().await["text"], expected);
    town.inject(say("<@U1|raw> & <https://x.org|y>")).await;
    assert_eq!(ear.event().await["text"], "<@U1|raw> & <https://x.org|y>");
}

#[tokio::test]
async fn a_command_names_people_only_where_the_app_wants_it() {
    let town = Town::new().await;
    town.inject(json!({"type": "app", "events": []})).await;
    let mut ear = town.ear().await;
    let text = "ask @ann in #general or #secret about https://x.org & \"more\"";
    let command = json!({"type": "command", "channel": "#general", "user": "ben", "command": "/boson", "text": text, "typed": true});
    for (escape, expected) in [
        (
            true,
            format!(
                "ask <@{}|ann.other> in <#{}|general> or <#{}|> about <https://x.org> &amp; \"more\"",
                town.ann, town.general, town.secret
            ),
        ),
        (false, text.replace('&', "&amp;")),
    ] {
        town.inject(json!({"type": "app", "should_escape": escape}))
            .await;
        let answer = town.later(command.clone());
        assert_eq!(ear.heard().await["payload"]["text"], expected);
        answer.await.unwrap();
    }
    let mut threaded = command.clone();
    threaded["thread_ts"] = json!("1.0");
    let refused = town.inject_page(&threaded).await;
    assert_eq!(refused.json()["error"], "not_supported_in_threads");
}
