//! Own messages in other words.

use boson::model::{MessageId, Text};
use boson::room::{Platform, SayError};

use crate::scene::id;
use crate::stand_in::{Fault, How, Settings};
use crate::talk::{Talk, number};

fn never(what: &str) -> Result<(), SayError> {
    Err(SayError::Never { what: what.into() })
}

#[tokio::test]
async fn an_edit_within_the_window_and_one_behind_it() {
    let talk = Talk::new(1).await;
    let message = talk.line("one").await.unwrap().message;
    talk.edit(&message, "two *2*").await.unwrap();
    assert_eq!(talk.sources(), ["two \\*2\\*"]);
    assert_eq!(talk.own()[0].edits, 1);
    talk.scene.move_on(116);
    let asked = talk.scene.asked("/messages/");
    assert_eq!(
        talk.edit(&message, "three").await,
        never("a message can be changed for two minutes only")
    );
    assert_eq!(talk.scene.asked("/messages/"), asked);
    assert_eq!(talk.sources(), ["two \\*2\\*"]);
}

#[tokio::test]
async fn an_edit_keeps_what_is_answered() {
    let mut talk = Talk::new(1).await;
    let asked = talk.scene.server.say(talk.room(), talk.scene.ben, "what?");
    let message = talk
        .answer(asked, &Text::line("one"))
        .await
        .unwrap()
        .message;
    talk.edit(&message, "two").await.unwrap();
    let (room, lines) = (id(talk.room()), Text::line("three").and("lines"));
    talk.passing(5, talk.bot.edit(&room, &message, &lines))
        .await
        .unwrap();
    assert_eq!(talk.own()[0].parent, Some(asked));
    // Also when it was another process that answered.
    talk.restart(std::time::Duration::from_secs(20)).await;
    talk.edit(&message, "four").await.unwrap();
    let own = talk.own();
    assert_eq!((own[0].parent, own[0].edits), (Some(asked), 3));
    assert_eq!(own[0].source, format!(":{asked} four"));
}

#[tokio::test]
async fn edits_need_the_page_of_a_room() {
    let mut settings = Settings::default();
    settings.rules.referer = true;
    let talk = Talk::with(1, settings, |_| {}).await;
    let message = talk.line("one").await.unwrap().message;
    talk.edit(&message, "two").await.unwrap();
    assert_eq!(talk.sources(), ["two"]);
}

#[tokio::test]
async fn what_cannot_be_edited_says_why() {
    let talk = Talk::new(1).await;
    let message = talk.line("one").await.unwrap().message;
    let foreign = talk.scene.server.say(talk.room(), talk.scene.ben, "mine");
    let refused = |words: &str| never(&format!("the chat says “{words}”"));
    assert_eq!(
        talk.edit(&MessageId(foreign.to_string().into()), "x").await,
        refused("You can only edit your own messages")
    );
    assert_eq!(
        talk.edit(&MessageId("999999".into()), "x").await,
        never("the chat knows no such message")
    );
    assert!(talk.edit(&MessageId("x".into()), "x").await.is_err());
    talk.scene.server.delete(message.0.parse().unwrap());
    assert_eq!(
        talk.edit(&message, "x").await,
        refused("This message has already been deleted and cannot be edited")
    );
    talk.scene.server.chat().rules.window = 0;
    let message = talk.line("late").await.unwrap().message;
    talk.scene.move_on(10);
    assert_eq!(
        talk.edit(&message, "x").await,
        refused("It is too late to edit this message")
    );
}

#[tokio::test]
async fn an_edit_of_which_the_answer_is_lost_is_made_again() {
    let talk = Talk::new(1).await;
    let spoken = talk.line("one").await.unwrap();
    let path = format!("/messages/{}", number(&spoken));
    for (n, how) in [
        How::Reset,
        How::Cut,
        How::Status(500),
        How::Throttled(1),
        How::Conflict,
    ]
    .into_iter()
    .enumerate()
    {
        talk.scene
            .server
            .fail(Fault::new(how).path(&path).method("POST"));
        let (room, text) = (id(talk.room()), Text::line(format!("edit {n}")));
        let edit = talk.bot.edit(&room, &spoken.message, &text);
        talk.passing(8, edit).await.unwrap();
        assert_eq!(talk.sources(), [format!("edit {n}")]);
    }
}

#[tokio::test]
async fn of_several_edits_that_wait_only_the_last_is_made() {
    let talk = Talk::new(1).await;
    let message = talk.line("one").await.unwrap().message;
    let room = id(talk.room());
    let texts = ["two", "three", "four", "five"].map(Text::line);
    let edits = texts
        .iter()
        .map(|text| talk.bot.edit(&room, &message, text));
    let done = talk
        .passing(30, futures_util::future::join_all(edits))
        .await;
    assert!(done.iter().all(Result::is_ok));
    assert_eq!(talk.sources(), ["five"]);
    assert_eq!(talk.own()[0].edits, 2);
}

#[tokio::test]
async fn an_edit_that_waits_too_long_is_not_made() {
    let talk = Talk::new(1).await;
    let message = talk.line("one").await.unwrap().message;
    let fault = Fault::new(How::Throttled(200)).method("POST");
    talk.scene
        .server
        .fail(fault.path(&format!("/messages/{}", message.0)));
    let (room, text) = (id(talk.room()), Text::line("two"));
    let edit = talk
        .passing(300, talk.bot.edit(&room, &message, &text))
        .await;
    assert_eq!(edit, never("a message can be changed for two minutes only"));
    assert_eq!(talk.sources(), ["one"]);
}
