//! Messages, replies, and what the chat refuses.

use std::time::Duration;

use boson::model::Text;
use boson::model::text::{Block, Span};
use boson::room::{Platform, SayError, Saying};

use crate::scene::id;
use crate::stand_in::{Access, Fault, How, Replies};
use crate::talk::{Talk, number};

#[tokio::test]
async fn a_message_stands_in_the_room_as_it_was_meant() {
    let talk = Talk::new(1).await;
    let text = Text::new().spans(vec![
        Span::Words("[ex] 2 * 3 * 4: ".into()),
        Span::Link {
            words: "Why (a_b)?".into(),
            url: "https://a.example/q_(1)".into(),
        },
        Span::Words(" by @ann".into()),
    ]);
    let spoken = talk.say(&text).await.unwrap();
    assert!(!spoken.before);
    let own = talk.own();
    assert_eq!(own[0].id, number(&spoken));
    assert_eq!(
        own[0].html,
        "&#91;ex] 2 * 3 * 4: <a href=\"https://a.example/q_%281%29\" rel=\"nofollow noopener noreferrer\">\
         Why (a_b)?</a> by @\u{200d}ann"
            .replace("&#91;", "[")
    );
}

#[tokio::test]
async fn code_lines_and_cards_are_messages_of_their_own() {
    let talk = Talk::new(1).await;
    let mut text = Text::new()
        .spans(vec![
            Span::Words("see ".into()),
            Span::Url("https://a.example/".into()),
        ])
        .and("below")
        .pre("a < b\n  c");
    text.0.push(Block::OneBox("https://a.example/x.png".into()));
    for piece in talk.bot.pieces(&text) {
        talk.say(&piece).await.unwrap();
    }
    let html: Vec<String> = talk.own().iter().map(|own| own.html.clone()).collect();
    assert_eq!(html.len(), 3);
    assert!(html[0].starts_with("<div class='full'>see <a href=\"https://a.example/\""));
    assert!(html[0].ends_with(" <br> below</div>"));
    assert_eq!(html[1], "<pre class='full'>a &lt; b\n  c</pre>");
    assert!(html[2].contains("onebox ob-image"));
}

#[tokio::test]
async fn long_lines_arrive_whole() {
    let talk = Talk::new(1).await;
    let words = |count: usize| -> Text {
        let words: Vec<String> = (0..count).map(|n| format!("word-{n:04}")).collect();
        Text::line(words.join(" "))
    };
    let text = words(120);
    let pieces = talk.bot.pieces(&text);
    assert_eq!(pieces.len(), 3);
    for piece in pieces {
        talk.say(&piece).await.unwrap();
    }
    assert_eq!(talk.sources().join(" "), text.plain().trim());
    let long = words(800);
    let pieces = talk.bot.pieces(&long);
    assert_eq!(pieces.len(), 1);
    talk.say(&pieces[0]).await.unwrap();
    let said = talk.sources().pop().unwrap();
    assert_eq!(said.replace('\n', " "), long.plain().trim());
    // Who does not cut it is told.
    assert_eq!(
        talk.say(&text).await,
        Err(SayError::Never {
            what: "it is too long for the chat (1199 characters, of 500 at most)".into()
        })
    );
    assert_eq!(
        talk.say(&Text::new()).await,
        Err(SayError::Never {
            what: "there is nothing to see in it".into()
        })
    );
}

#[tokio::test]
async fn replies_are_replies_whatever_their_form() {
    for style in [Replies::New, Replies::Old] {
        let talk = Talk::new(1).await;
        talk.scene.server.chat().rules.replies = style;
        let asked = talk.scene.server.say(talk.room(), talk.scene.ben, "what?");
        let long = "abcdefghi ".repeat(50);
        let texts = [
            Text::line("one **line**"),
            Text::line("several").and("lines"),
            Text::new().pre("a\nb"),
            // Behind `:5001 ` there is no room for it.
            Text::line(long.trim()),
        ];
        for text in &texts {
            talk.answer(asked, text).await.unwrap();
        }
        let own = talk.own();
        assert_eq!(own.len(), 4);
        assert!(own.iter().all(|own| own.parent == Some(asked)), "{own:?}");
        let forms: Vec<(bool, bool)> = talk
            .scene
            .server
            .requests()
            .iter()
            .filter(|request| request.path.ends_with("/messages/new"))
            .map(|request| {
                let field = |name: &str| request.form.iter().find(|(its, _)| its == name);
                let text = &field("text").unwrap().1;
                (
                    text.starts_with(&format!(":{asked} ")),
                    field("parentId").is_some(),
                )
            })
            .collect();
        assert_eq!(
            forms,
            [(true, false), (false, true), (false, true), (false, true)]
        );
    }
}

#[tokio::test]
async fn only_those_who_are_meant_are_called() {
    let talk = Talk::new(1).await;
    let text = Text::new().spans(vec![
        Span::Mention("Ben".into()),
        Span::Words(": @Ann says `@ann` https://a.example/@ann".into()),
    ]);
    talk.say(&text).await.unwrap();
    let lines = text.clone().and("@ann");
    talk.say(&lines).await.unwrap();
    let chat = talk.scene.server.chat();
    for own in chat.messages.values() {
        let told: Vec<i64> = own.told.iter().copied().collect();
        assert_eq!(told, [talk.scene.ben], "{}", own.source);
    }
}

#[tokio::test]
async fn the_same_text_twice_is_said_twice() {
    let talk = Talk::new(1).await;
    let (first, second) = (
        talk.line("pong").await.unwrap(),
        talk.line("pong").await.unwrap(),
    );
    assert_ne!(first.message, second.message);
    assert!(!second.before);
    assert_eq!(talk.sources(), ["pong", "pong\u{200d}"]);
    // Also where there is no place for a sign more.
    let full = Text::line(format!("{} {}", "a".repeat(250), "b".repeat(249)));
    talk.say(&full).await.unwrap();
    talk.say(&full).await.unwrap();
    let card = Text(vec![Block::OneBox("https://a.example/x.png".into())]);
    talk.say(&card).await.unwrap();
    talk.say(&card).await.unwrap();
    let own = talk.own();
    assert_eq!(own.len(), 6);
    assert!(own[4..].iter().all(|own| own.html.contains("ob-image")));
}

fn never(what: &str) -> SayError {
    SayError::Never { what: what.into() }
}

#[tokio::test]
async fn what_the_chat_will_never_take_is_said_in_words() {
    let talk = Talk::new(2).await;
    let room = talk.room();
    // Nobody has spoken there yet.
    let elsewhere = talk.scene.room("No rights");
    let (bot, ann) = (talk.scene.bot, talk.scene.ann);
    talk.scene
        .server
        .chat()
        .grant(elsewhere, bot, Some(Access::ReadOnly), ann);
    let say = |room: i64| talk.saying(Saying::new(id(room), Text::line("hello")));
    assert_eq!(
        say(elsewhere).await,
        Err(never(
            "the chat says “The room does not exist, or you do not have permission”"
        ))
    );
    assert_eq!(
        say(999).await,
        Err(never("there is no such room, or it does not let me in"))
    );
    talk.scene.server.chat().rules.reputation = 20_000;
    let error = say(room).await.unwrap_err();
    assert_eq!(
        error,
        never("the chat says “You need 20000 reputation to talk here”")
    );
    talk.scene.server.chat().rules.reputation = 1;
    talk.scene
        .server
        .chat()
        .rooms
        .get_mut(&room)
        .unwrap()
        .frozen = true;
    // Somebody may thaw it.
    let Err(SayError::Later { what, .. }) = say(room).await else {
        panic!("it is kept");
    };
    assert_eq!(
        what,
        "the chat says “The room has been frozen; new messages cannot be added”"
    );
    let other = Saying::new(boson::model::RoomId::new("elsewhere", "1"), Text::line("x"));
    assert!(matches!(
        talk.saying(other).await,
        Err(SayError::Never { .. })
    ));
    assert!(talk.own().is_empty());
}

#[tokio::test]
async fn a_room_in_time_out_rests_and_others_do_not() {
    let talk = Talk::new(2).await;
    let (quiet, loud) = (talk.rooms[0], talk.rooms[1]);
    talk.scene.server.chat().time_out(quiet, 58, "calm", None);
    let say = |room: i64| {
        talk.bot.say(&*Box::leak(Box::new(Saying::new(
            id(room),
            Text::line("hello"),
        ))))
    };
    let later = SayError::Later {
        what: "the chat says “The room is in timeout, ending in 58 seconds”".into(),
        rest: Duration::from_secs(58),
    };
    assert_eq!(say(quiet).await, Err(later));
    // It is not asked again until then.
    let asked = talk.scene.asked("messages/new");
    assert!(matches!(say(quiet).await, Err(SayError::Later { .. })));
    assert_eq!(talk.scene.asked("messages/new"), asked);
    say(loud).await.unwrap();
    talk.scene.move_on(58);
    say(quiet).await.unwrap();
}

#[tokio::test]
async fn a_blocked_account_rests_everywhere() {
    let talk = Talk::new(2).await;
    let bot = talk.scene.bot;
    let until = talk.scene.server.chat().now() + 5 * 3600;
    talk.scene
        .server
        .chat()
        .accounts
        .get_mut(&bot)
        .unwrap()
        .blocked = Some(until);
    for room in &talk.rooms {
        let saying = Saying::new(id(*room), Text::line("hello"));
        match talk.saying(saying).await {
            Err(SayError::Later { what, rest }) => {
                assert_eq!(
                    what,
                    "the chat says “Your account is blocked, ending in 5 hours”"
                );
                assert!(rest > Duration::from_secs(4 * 3600));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(talk.scene.asked("messages/new"), 1);
    // A date far away is no time that could be read: it is asked again from time to time.
    talk.scene.move_on(6 * 3600);
    let until = talk.scene.server.chat().now() + 5 * 86_400;
    let account = |until| {
        let mut chat = talk.scene.server.chat();
        chat.accounts.get_mut(&bot).unwrap().blocked = until;
    };
    account(Some(until));
    match talk.line("hello").await {
        Err(SayError::Later { what, rest }) => {
            assert!(
                what.contains("Your account is blocked, ending on "),
                "{what}"
            );
            assert_eq!(rest, Duration::from_secs(3600));
        }
        other => panic!("{other:?}"),
    }
    account(None);
    talk.scene.move_on(3600);
    talk.line("hello").await.unwrap();
}

#[tokio::test]
async fn a_chat_with_shorter_lines_says_so() {
    let talk = Talk::new(1).await;
    talk.scene.server.chat().rules.line = 10;
    assert_eq!(
        talk.line("longer than that").await,
        Err(never("the message is too long for the chat"))
    );
    talk.line("short").await.unwrap();
}

#[tokio::test]
async fn who_was_sent_away_speaks_again_afterwards() {
    let talk = Talk::new(1).await;
    talk.line("one").await.unwrap();
    let minutes = talk.scene.server.kick(talk.room(), talk.scene.bot);
    match talk.line("two").await {
        Err(SayError::Later { rest, .. }) => assert_eq!(rest, Duration::from_secs(60)),
        other => panic!("{other:?}"),
    }
    talk.scene.move_on(minutes * 60 + 60);
    talk.line("two").await.unwrap();
    assert_eq!(talk.sources(), ["one", "two"]);
    // Who is never let in again is told in the end.
    let (room, bot, ann) = (talk.room(), talk.scene.bot, talk.scene.ann);
    talk.scene
        .server
        .chat()
        .grant(room, bot, Some(Access::ReadOnly), ann);
    assert!(matches!(
        talk.line("three").await,
        Err(SayError::Later { .. })
    ));
    talk.scene.move_on(3600);
    assert!(matches!(
        talk.line("three").await,
        Err(SayError::Never { .. })
    ));
}

#[tokio::test]
async fn a_session_that_died_is_waited_for() {
    let talk = Talk::new(1).await;
    talk.line("one").await.unwrap();
    talk.scene.move_on(120);
    talk.scene.server.expire("boson@example.org");
    talk.line("two").await.unwrap();
    assert_eq!(talk.sources(), ["one", "two"]);
}

#[tokio::test]
async fn answers_that_nobody_knows_lose_nothing() {
    let talk = Talk::new(1).await;
    let path = "/messages/new";
    for (how, what) in [
        (How::Status(404), "there is no such room"),
        (
            How::Cloudflare,
            "the chat wants to see that a person is there",
        ),
    ] {
        talk.line("before").await.unwrap();
        talk.scene.server.fail(Fault::new(how).path(path));
        match talk.line("x").await {
            Err(SayError::Later { what: said, .. }) => assert!(said.contains(what), "{said}"),
            other => panic!("{other:?}"),
        }
        talk.scene.move_on(120);
    }
    assert_eq!(talk.own().len(), 2);
}
