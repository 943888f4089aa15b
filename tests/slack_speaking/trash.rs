//! Own messages that are taken away.

use boson::model::Text;
use boson::room::{Platform, Saying, Trashed, Which};

use crate::slack::{Fault, How};
use crate::talk::Talk;

impl Talk {
    async fn trash(&self, which: Which) -> Trashed {
        let room = self.room(0);
        let done = self.passing(100, self.slack.trash(&room, &which)).await;
        done.unwrap()
    }
}

#[tokio::test]
async fn the_last_ones_go_wherever_they_stand() {
    let talk = Talk::new().await;
    talk.line("one").await.unwrap();
    talk.line("two").await.unwrap();
    let thread = talk.said_by(&talk.ann, "boson?");
    for words in ["three", "four"] {
        let saying = Saying {
            thread: Some(thread.clone()),
            ..talk.saying(Text::line(words))
        };
        talk.speak(&saying).await.unwrap();
    }
    talk.line("five").await.unwrap();
    talk.said_by(&talk.ben, "mine");
    let trashed = talk.trash(Which::Last(2)).await;
    assert_eq!((trashed.deleted, trashed.kept), (2, vec![]));
    assert_eq!(talk.texts(), ["one", "two", "three"]);
    // The next process finds them as well.
    let mut talk = talk;
    talk.restart(std::time::Duration::from_secs(20));
    assert_eq!(talk.trash(Which::Last(2)).await.deleted, 2);
    assert_eq!(talk.texts(), ["one"]);
    assert_eq!(talk.trash(Which::Last(5)).await.deleted, 1);
    assert_eq!(talk.trash(Which::Last(5)).await, Trashed::default());
}

#[tokio::test]
async fn messages_are_named_by_their_links() {
    let talk = Talk::new().await;
    let one = talk.line("one").await.unwrap().message.0;
    let two = talk.line("two").await.unwrap().message.0;
    talk.line("three").await.unwrap();
    let mine = talk.said_by(&talk.ann, "mine").0;
    let channel = &talk.channels[0];
    let link = |channel: &str, ts: &str| {
        let ts = ts.replace('.', "");
        format!("https://works.slack.com/archives/{channel}/p{ts}?thread_ts=1.2&cid={channel}")
    };
    let only = talk.speak(&talk.only(&talk.ben, "psst")).await.unwrap();
    let these = vec![
        link(channel, &one),
        two.to_string(),
        link(channel, &two),
        link("C0ELSE", &one),
        link(channel, &mine),
        "hello".into(),
        only.message.0.to_string(),
    ];
    let trashed = talk.trash(Which::These(these.clone())).await;
    assert_eq!(trashed.deleted, 2);
    let why = |n: usize| {
        let kept = trashed.kept.iter().find(|(name, _)| *name == these[n]);
        kept.map(|(_, why)| why.as_str())
    };
    assert_eq!(why(3), Some("it is in another channel"));
    assert_eq!(why(4), Some("I have not said it"));
    assert_eq!(why(5), Some("it is no message of Slack"));
    assert_eq!(why(6), Some("only one person sees it"));
    assert_eq!(talk.texts(), ["three"]);
}

#[tokio::test]
async fn what_is_gone_already_is_gone() {
    let talk = Talk::new().await;
    for how in [How::Reset, How::Status(502), How::Cut, How::Later(4)] {
        let spoken = talk.line("one").await.unwrap();
        let fault = Fault::new(how.clone()).method("chat.delete");
        let fault = match how {
            How::Later(_) => fault,
            _ => fault.after(),
        };
        talk.fail(fault);
        let trashed = talk
            .trash(Which::These(vec![spoken.message.0.to_string()]))
            .await;
        assert_eq!((trashed.deleted, trashed.kept), (1, vec![]), "{how:?}");
    }
    assert!(talk.own(0).is_empty());
}
