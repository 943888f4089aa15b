//! What is said: whole, in order, at a pace that servers bear, and once, as far as anybody can know.

use boson::model::{Message, MessageId, Text};
use boson::room::{Platform, SayError, Saying};

use super::scene::{Scene, lines, old, room, texts};
use super::stand_in::{Cut, Fault, Settings};

#[tokio::test]
async fn long_lines_are_cut_between_words_and_none_is_too_long_for_others() {
    for scene in [Scene::new().await, Scene::old().await] {
        let ears = scene.sits().await;
        let words: Vec<String> = (0..300).map(|n| format!("wörd{n}")).collect();
        for text in ears.platform.pieces(&Text::line(words.join(" "))) {
            ears.say("#one", text).await.unwrap();
        }
        let said = scene.server.said("#one", "boson");
        for line in &said {
            let shown = format!(":{} PRIVMSG #one :{}\r\n", line.source, line.text);
            assert!(
                (300..=512).contains(&shown.len()) || line == said.last().unwrap(),
                "{}",
                shown.len()
            );
        }
        let said = texts(said).join(" ");
        assert_eq!(said.split(' ').collect::<Vec<_>>(), words);
    }
}

#[tokio::test]
async fn nothing_breaks_out_of_a_message() {
    let scene = Scene::old().await;
    let ears = scene.sits().await;
    let text = Text::line("one\r\nQUIT :two\0three").pre("four\rQUIT\nPRIVMSG #two :five");
    ears.say("#one", text).await.unwrap();
    assert_eq!(
        scene.said("#one", 3).await,
        ["one  QUIT :two three", "four QUIT", "PRIVMSG #two :five"]
    );
    assert!(scene.server.said("#two", "boson").is_empty());
    assert!(scene.server.is_there("boson"));
}

#[tokio::test]
async fn servers_that_mind_a_flood_see_none_and_channels_take_turns() {
    for settings in [Settings::default(), old()] {
        let scene = Scene::with(Settings {
            flood: Some(14),
            ..settings
        })
        .await;
        let ears = scene.sits().await;
        let (text, all) = lines(40);
        let began = scene.clock.now();
        let long = ears.begin("#one", text);
        scene.said("#one", 2).await;
        let wait = ears.platform.wait().as_secs();
        assert!((60..=100).contains(&wait), "{wait}");
        ears.say("#two", Text::line("short")).await.unwrap();
        assert!(scene.server.said("#one", "boson").len() < 20);
        long.await.unwrap().unwrap();
        assert_eq!(scene.said("#one", 40).await, all);
        let took = (scene.clock.now() - began).num_seconds();
        assert!((60..200).contains(&took), "{took}");
        assert_eq!(
            scene
                .server
                .came()
                .iter()
                .filter(|line| line.starts_with("USER"))
                .count(),
            1
        );
    }
}

#[tokio::test]
async fn an_answer_names_whoever_asked() {
    let scene = Scene::new().await;
    let mut ears = scene.sits().await;
    scene.server.say("bob", "#one", "@boson echo x");
    let asked = ears.message().await;
    let answer = |message: &Message, text: &str| Saying {
        answers: Some(message.id.clone()),
        ..Saying::new(message.room.clone(), Text::line(text).and("more"))
    };
    ears.platform.say(&answer(&asked, "x")).await.unwrap();
    let said = scene.server.said("#one", "boson");
    assert_eq!(said[0].reply.as_ref(), Some(&asked.id.0.to_string()));
    assert_eq!(texts(said), ["bob: x", "more"]);
    // Who talks to the bot alone is not named.
    scene.server.say("bob", "boson", "echo y");
    let asked = ears.message().await;
    ears.platform.say(&answer(&asked, "y")).await.unwrap();
    assert_eq!(scene.said("bob", 2).await, ["y", "more"]);
}

#[tokio::test]
async fn what_was_not_read_before_the_connection_broke_is_said_again() {
    for scene in [Scene::new().await, Scene::old().await] {
        let ears = scene.sits().await;
        ears.say("#one", Text::line("first")).await.unwrap();
        scene.server.fail(Fault::Before);
        let (text, all) = lines(3);
        ears.say("#one", text).await.unwrap();
        assert_eq!(scene.said("#one", 4).await[1..], all);
        scene.passes(60).await;
        assert_eq!(scene.server.said("#one", "boson").len(), 4);
    }
}

#[tokio::test]
async fn what_was_read_before_the_connection_broke_is_not_said_again_where_there_is_a_past() {
    let znc = Settings {
        caps: vec!["batch", "server-time", "znc.in/playback"],
        ..Settings::default()
    };
    for (fault, settings) in [
        (Fault::After, Settings::default()),
        (Fault::Silence, Settings::default()),
        (Fault::After, znc),
    ] {
        let scene = Scene::with(settings).await;
        let ears = scene.sits().await;
        ears.say("#one", Text::line("line 0")).await.unwrap();
        scene.server.fail(fault);
        let (text, all) = lines(3);
        ears.say("#one", text).await.unwrap();
        let said = scene.server.said("#one", "boson");
        assert_eq!(texts(said)[1..], all, "{fault:?}");
    }
}

/// Nobody can know whether it was: better twice than never.
#[tokio::test]
async fn without_a_past_what_is_in_doubt_is_said_again() {
    let scene = Scene::old().await;
    let ears = scene.sits().await;
    scene.server.fail(Fault::After);
    ears.say("#one", Text::line("once or twice")).await.unwrap();
    assert_eq!(
        scene.said("#one", 2).await,
        ["once or twice", "once or twice"]
    );
}

#[tokio::test]
async fn what_the_process_before_has_said_is_not_said_again() {
    let scene = Scene::new().await;
    let ears = scene.sits().await;
    let since = scene.clock.now();
    scene.passes(10).await;
    let spoken = ears.say("#one", Text::line("report")).await.unwrap();
    drop(ears);
    scene
        .until("still there", || !scene.server.is_there("boson"))
        .await;
    let ears = scene.sits().await;
    let saying = |text: &str| Saying {
        since: Some(since),
        ..Saying::new(room("#one"), Text::line(text))
    };
    let again = ears.platform.say(&saying("report")).await.unwrap();
    assert_eq!((again.before, again.message), (true, spoken.message));
    let other = ears.platform.say(&saying("another")).await.unwrap();
    assert!(!other.before);
    assert_eq!(scene.said("#one", 2).await, ["report", "another"]);
}

#[tokio::test]
async fn what_a_server_refuses_waits() {
    for scene in [Scene::new().await, Scene::old().await] {
        let ears = scene.sits().await;
        scene.server.fail(Fault::Refused);
        let later = |said: Result<boson::room::Spoken, SayError>| match said {
            Err(SayError::Later { what, .. }) => what,
            other => panic!("{other:?}"),
        };
        let refused = later(ears.say("#one", Text::line("x")).await);
        assert_eq!(refused, "the channel does not let me speak");
        let nobody = later(ears.say("carl!carl", Text::line("x")).await);
        assert_eq!(nobody, "they are not there");
        assert_eq!(
            later(ears.say("#three", Text::line("x")).await),
            "I am not in the channel"
        );
        ears.say("#one", Text::line("y")).await.unwrap();
        assert_eq!(scene.said("#one", 1).await, ["y"]);
    }
}

/// The rest of a message whose beginning was said.
#[tokio::test]
async fn what_was_said_of_a_message_is_not_said_again_when_it_had_to_wait() {
    let scene = Scene::old().await;
    let ears = scene.sits().await;
    let (text, all) = lines(8);
    let begun = ears.begin("#one", text.clone());
    scene.said("#one", 3).await;
    scene
        .until("not shown", || {
            scene
                .server
                .came()
                .iter()
                .any(|line| line.starts_with("PING"))
        })
        .await;
    scene.passes(3).await;
    scene.server.send("ann", "KICK #one boson");
    assert!(matches!(begun.await.unwrap(), Err(SayError::Later { .. })));
    scene
        .until("not back", || scene.server.is_in("boson", "#one"))
        .await;
    scene.passes(1).await;
    ears.say("#one", text).await.unwrap();
    let said = scene.said("#one", 8).await;
    assert_eq!(said, all);
}

#[tokio::test]
async fn messages_are_said_in_order_whatever_breaks() {
    let scene = Scene::new().await;
    let ears = scene.sits().await;
    let mut all = Vec::new();
    for n in 0..12 {
        match n % 4 {
            0 => scene.server.fail(Fault::After),
            1 => scene.server.fail(Fault::Before),
            2 => scene.server.cut(Cut::Close),
            _ => {}
        }
        let text = format!("number {n}");
        let spoken = ears.say("#one", Text::line(&text)).await.unwrap();
        assert_ne!(spoken.message, MessageId(String::new().into()));
        all.push(text);
    }
    assert_eq!(scene.said("#one", 12).await, all);
}
