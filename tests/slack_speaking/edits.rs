//! Messages that are changed.

use boson::model::{MessageId, Text};
use boson::room::{Platform, SayError};

use crate::slack::{Fault, How};
use crate::talk::Talk;

const UPDATE: &str = "chat.update";

#[tokio::test]
async fn another_text_takes_the_place_of_a_message() {
    let talk = Talk::new().await;
    let text = Text::line("one").choices([("Stop", "stop")]);
    let spoken = talk.say(text).await.unwrap();
    let new = Text::line("two & <b>").entry("three");
    talk.edit(&spoken.message, &new).await.unwrap();
    let own = talk.own(0);
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].text, "two &amp; &lt;b&gt;\n- three");
    assert_eq!(own[0].blocks.len(), 1);
    assert_eq!(
        own[0].blocks[0]["text"]["text"],
        "two &amp; &lt;b&gt;\n• three"
    );
}

#[tokio::test]
async fn the_blocks_of_a_message_do_not_stay_when_the_new_has_none() {
    let talk = Talk::new().await;
    let spoken = talk.line("one").await.unwrap();
    let card = Text(vec![boson::model::text::Block::OneBox(
        "https://example.org".into(),
    )]);
    talk.edit(&spoken.message, &card).await.unwrap();
    assert!(talk.own(0)[0].blocks.is_empty());
    talk.fail(Fault::new(How::Error("invalid_blocks".into())).method(UPDATE));
    talk.edit(&spoken.message, &Text::line("*two*"))
        .await
        .unwrap();
    assert_eq!(talk.texts(), ["*two*"]);
    assert!(talk.own(0)[0].blocks.is_empty());
}

#[tokio::test]
async fn an_edit_is_tried_until_it_is_done() {
    for how in [
        How::Reset,
        How::Cut,
        How::Status(502),
        How::Later(5),
        How::Error("internal_error".into()),
    ] {
        let talk = Talk::new().await;
        let spoken = talk.line("one").await.unwrap();
        talk.fail(Fault::new(how.clone()).method(UPDATE).times(2));
        talk.edit(&spoken.message, &Text::line("two"))
            .await
            .unwrap();
        assert_eq!(talk.texts(), ["two"], "{how:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_changed_is_refused_at_once() {
    let talk = Talk::new().await;
    let foreign = talk.said_by(&talk.ann, "mine");
    let gone = MessageId("1700000000.000100".into());
    for message in [foreign, gone] {
        let refused = talk.edit(&message, &Text::line("two")).await;
        assert!(
            matches!(refused, Err(SayError::Never { .. })),
            "{refused:?}"
        );
    }
    let only = talk.only(&talk.ben, "psst");
    let spoken = talk.speak(&only).await.unwrap();
    let before = talk.asked(UPDATE).len();
    let refused = talk.edit(&spoken.message, &Text::line("two")).await;
    assert!(
        matches!(refused, Err(SayError::Never { .. })),
        "{refused:?}"
    );
    assert_eq!(talk.asked(UPDATE).len(), before);
}

#[tokio::test]
async fn only_the_last_of_many_edits_matters() {
    let talk = Talk::new().await;
    let spoken = talk.line("0").await.unwrap();
    let room = talk.room(0);
    let edits = (1..=20).map(|n| {
        let (room, message) = (&room, &spoken.message);
        let slack = &talk.slack;
        async move { slack.edit(room, message, &Text::line(n.to_string())).await }
    });
    for done in talk
        .passing(60, futures_util::future::join_all(edits))
        .await
    {
        done.unwrap();
    }
    assert_eq!(talk.texts(), ["20"]);
    assert!(
        talk.asked(UPDATE).len() <= 3,
        "{}",
        talk.asked(UPDATE).len()
    );
}
