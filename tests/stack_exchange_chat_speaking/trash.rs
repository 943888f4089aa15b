//! Own messages that are taken away.

use boson::room::{Platform, Trashed, Which};

use crate::scene::id;
use crate::stand_in::{Access, Fault, How, Settings};
use crate::talk::{Talk, number};

async fn trash(talk: &Talk, which: Which) -> Trashed {
    let room = id(talk.room());
    talk.passing(100, talk.bot.trash(&room, &which))
        .await
        .unwrap()
}

fn these(all: &[String]) -> Which {
    Which::These(all.to_vec())
}

/// A bot with a room for what is thrown away, as an owner of its room or not.
async fn with_trash(owner: bool) -> (Talk, i64) {
    let mut bin = 0;
    let talk = Talk::with(1, Settings::default(), |scene| {
        bin = scene.room("Trash");
        scene.settings.trash = Some(bin.try_into().unwrap());
        if owner {
            let (bot, ann) = (scene.bot, scene.ann);
            scene.server.chat().grant(1, bot, Some(Access::Owner), ann);
        }
    })
    .await;
    (talk, bin)
}

#[tokio::test]
async fn an_owner_moves_its_messages_however_old_they_are() {
    let (talk, bin) = with_trash(true).await;
    for n in 0..5 {
        talk.line(&format!("line {n}")).await.unwrap();
    }
    talk.scene.server.say(talk.room(), talk.scene.ben, "mine");
    talk.scene.move_on(3600);
    let done = trash(&talk, Which::Last(2)).await;
    assert_eq!((done.moved, done.deleted), (2, 0));
    assert!(done.kept.is_empty());
    let left: Vec<String> = talk.sources();
    assert_eq!(&left[..3], ["line 0", "line 1", "line 2"]);
    // What the chat says about it in the bot's name stays, and is none of the last messages.
    let done = trash(&talk, Which::Last(1)).await;
    assert_eq!(done.moved, 1);
    let moved: Vec<String> = talk
        .own_in(bin)
        .iter()
        .map(|own| own.source.clone())
        .collect();
    assert!(moved.iter().any(|line| line == "line 2"), "{moved:?}");
    assert!(
        talk.scene
            .server
            .messages(talk.room())
            .iter()
            .any(|message| message.source == "mine")
    );
}

#[tokio::test]
async fn others_delete_theirs_within_two_minutes_only() {
    for bin in [true, false] {
        let talk = match bin {
            true => with_trash(false).await.0,
            false => Talk::new(1).await,
        };
        let old = talk.line("old").await.unwrap().message.0;
        talk.scene.move_on(121);
        let new = talk.line("new").await.unwrap().message.0;
        let done = trash(&talk, Which::Last(2)).await;
        let why = match bin {
            true => "it is too late to delete it, and I may not move it",
            false => "the chat says “It is too late to delete this message”",
        };
        assert_eq!(
            done,
            Trashed {
                moved: 0,
                deleted: 1,
                kept: vec![(old.to_string(), why.into())]
            }
        );
        let message = talk.scene.server.chat().messages[&new.parse().unwrap()].clone();
        assert!(message.deleted.is_some());
    }
}

#[tokio::test]
async fn messages_are_named_by_number_and_by_link() {
    let talk = Talk::new(1).await;
    let mut own = Vec::new();
    for n in 0..4 {
        own.push(number(&talk.line(&format!("line {n}")).await.unwrap()));
    }
    let url = talk.scene.server.url();
    let foreign = talk.scene.server.say(talk.room(), talk.scene.ben, "mine");
    talk.scene.server.delete(own[3]);
    let names = [
        own[0].to_string(),
        format!("{url}/transcript/message/{0}#{0}", own[1]),
        format!("{url}/transcript/{0}?m={1}#{1}", talk.room(), own[2]),
        own[0].to_string(),
        foreign.to_string(),
        own[3].to_string(),
        "999999".into(),
        "https://chat.elsewhere.example/transcript/message/1#1".into(),
    ];
    let done = trash(&talk, these(&names)).await;
    assert_eq!((done.moved, done.deleted), (0, 3));
    let kept: Vec<(&str, &str)> = done
        .kept
        .iter()
        .map(|(name, why)| (name.as_str(), why.as_str()))
        .collect();
    assert_eq!(kept[0], (names[4].as_str(), "I have not said it"));
    assert_eq!(kept[1].0, names[5]);
    assert_eq!(kept[2], ("999999", "there is no such message in this room"));
    assert_eq!(
        kept[3],
        (names[7].as_str(), "it is no message of this chat")
    );
    assert!(talk.own().is_empty());
    assert!(
        !talk
            .scene
            .server
            .messages(talk.room())
            .iter()
            .any(|message| message.id == foreign && message.deleted)
    );
}

#[tokio::test]
async fn a_deletion_waits_for_the_chat_and_is_counted_once() {
    let talk = Talk::new(1).await;
    for (how, after) in [
        (How::Throttled(3), false),
        (How::Conflict, false),
        (How::Reset, true),
        (How::Status(500), false),
    ] {
        talk.line("x").await.unwrap();
        let fault = Fault::new(how).path("/delete");
        talk.scene
            .server
            .fail(if after { fault.after() } else { fault });
        let done = trash(&talk, Which::Last(1)).await;
        assert_eq!((done.deleted, done.kept.len()), (1, 0));
    }
    let (talk, bin) = with_trash(true).await;
    for after in [true, false] {
        talk.line("x").await.unwrap();
        let fault = Fault::new(How::Status(502)).path("/movePosts");
        talk.scene
            .server
            .fail(if after { fault.after() } else { fault });
        let done = trash(&talk, Which::Last(1)).await;
        assert_eq!(
            (done.moved, done.deleted),
            (usize::from(after), usize::from(!after))
        );
    }
    assert!(talk.own_in(bin).iter().any(|own| own.source == "x"));
}
