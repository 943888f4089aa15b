//! Channels: entering them, what is missing, what is closed.

use boson::model::Text;
use boson::room::{Finding, Platform, SayError, Saying};

use crate::emulator::{BOT, Emulator, ME, NARROW, room};
use crate::hearing::Ears;

#[tokio::test]
async fn public_channels_are_entered_and_left() {
    let Some(works) = Emulator::start() else {
        return;
    };
    let (ears, channel) = (Ears::open(&works).await, works.channel("builds").await);
    let (slack, here) = (&ears.slack, room(&channel));
    let inside = async || {
        let all = works
            .call(BOT, "conversations.members", &[("channel", &channel)])
            .await;
        all["members"]
            .as_array()
            .unwrap()
            .iter()
            .any(|its| its == ME)
    };
    assert!(!inside().await);
    assert_eq!(slack.join(&here).await.unwrap(), "#builds");
    assert!(inside().await);
    assert_eq!(slack.join(&here).await.unwrap(), "#builds", "once more");
    slack.leave(&here).await.unwrap();
    assert!(!inside().await);
    slack.join(&here).await.unwrap();
    works.line(slack, &channel, "here I am").await;
    assert_eq!(works.history(&channel).await[0]["text"], "here I am");
    let nowhere = slack.join(&room("C0NOWHERE")).await;
    assert!(
        matches!(nowhere, Err(SayError::Never { .. })),
        "{nowhere:?}"
    );
}

#[tokio::test]
async fn what_cannot_be_said_is_told() {
    let Some(works) = Emulator::start() else {
        return;
    };
    let (slack, channel) = (works.client(BOT), works.channel("builds").await);
    let nowhere = Saying::new(room("C0NOWHERE"), Text::line("x"));
    let refused = works.say(&slack, &nowhere).await;
    assert!(refused.is_err(), "{refused:?}");
    let narrow = works.client(NARROW);
    let refused = works
        .say(&narrow, &Saying::new(room(&channel), Text::line("x")))
        .await;
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("chat:write"), "{error}");
    let found = slack.check().await;
    let good = "`bot_token` is good";
    assert!(
        matches!(&found[0], Finding::Fine(what) if what.starts_with(good)),
        "{found:?}"
    );
}
