//! What is heard: words without colours, people by what stays of them, who comes, goes and rules.

use boson::model::{Heard, Person, PersonId, Role, Text};
use boson::room::Platform;

use super::scene::{Scene, room};

#[tokio::test]
async fn what_people_say_is_heard_without_its_colours() {
    let scene = Scene::new().await;
    let mut ears = scene.sits().await;
    let id = scene
        .server
        .say("bob", "#one", "\u{3}4,2red\u{3} \u{2}bold\u{f} café");
    let message = ears.message().await;
    assert_eq!(message.id.0, id);
    assert_eq!(
        (message.text.as_str(), message.room),
        ("red bold café", room("#one"))
    );
    assert_eq!(
        (message.person.id.0.as_str(), message.person.name.as_str()),
        ("bob@host", "bob")
    );
    assert_eq!(
        (message.role, message.direct, message.reply_to_bot),
        (Role::Member, false, false)
    );
    scene.server.say("ann", "#two", "boson: alive");
    let message = ears.message().await;
    assert_eq!(
        (message.text.as_str(), message.role),
        ("@boson alive", Role::Owner)
    );
    scene.server.say("ann", "BOSON", "alive");
    let message = ears.message().await;
    assert_eq!((message.room, message.direct), (room("ann"), true));
}

#[tokio::test]
async fn who_answers_the_bot_need_not_call_it() {
    let scene = Scene::new().await;
    let mut ears = scene.sits().await;
    let spoken = ears.say("#one", Text::line("hello")).await.unwrap();
    assert_eq!(scene.server.said("#one", "boson")[0].id, spoken.message.0);
    scene
        .server
        .answer("bob", "#one", "why", Some(&spoken.message.0));
    let message = ears.message().await;
    assert!(message.reply_to_bot);
    assert_eq!(message.reply_to, Some(spoken.message));
}

#[tokio::test]
async fn notices_and_clients_are_not_heard_and_bots_not_answered() {
    let scene = Scene::new().await;
    let mut ears = scene.sits().await;
    scene.server.say("bob", "#one", "NOTICE @boson alive");
    scene
        .server
        .say("bob", "boson", "NOTICE \u{1}VERSION other 1\u{1}");
    scene.server.say("bob", "#one", "\u{1}ACTION waves\u{1}");
    scene.server.say("bob", "#one", "\u{1}VERSION\u{1}");
    for _ in 0..10 {
        scene.server.say("bob", "boson", "\u{1}PING 123\u{1}");
    }
    scene.server.say("bob", "boson", "\u{1}DCC SEND x\u{1}");
    scene.server.say("bob", "#one", "last");
    assert_eq!(ears.message().await.text, "last");
    let answers = || {
        scene
            .server
            .came()
            .into_iter()
            .filter(|line| line.starts_with("NOTICE"))
    };
    scene.until("not answered", || answers().count() == 3).await;
    scene.passes(20).await;
    let answers: Vec<String> = answers().collect();
    assert_eq!(answers, vec!["NOTICE bob :\u{1}PING 123\u{1}"; 3]);
}

#[tokio::test]
async fn roles_follow_the_modes_of_the_channel() {
    let scene = Scene::new().await;
    let mut ears = scene.sits().await;
    let mut role = async |nick: &str| {
        scene.server.say(nick, "#one", "x");
        ears.message().await.role
    };
    assert_eq!(role("bob").await, Role::Member);
    scene.server.send("ann", "MODE #one +o bob");
    assert_eq!(role("bob").await, Role::Owner);
    scene.server.send("ann", "MODE #one -o bob");
    assert_eq!(role("bob").await, Role::Member);
    // A split of the network: who comes back is operator no longer.
    scene.server.send("ann", "QUIT :a.example b.example");
    scene.server.person("ann");
    scene.server.join("ann", "#one");
    assert_eq!(role("ann").await, Role::Member);
    scene.server.send("bob", "PART #one");
    assert_eq!(role("bob").await, Role::Guest);
}

#[tokio::test]
async fn a_nick_is_not_a_person() {
    let scene = Scene::new().await;
    let mut ears = scene.sits().await;
    scene.server.account("ann", "Ann");
    scene.server.say("ann", "boson", "hello");
    let message = ears.message().await;
    assert_eq!(
        (message.person.id.0.as_str(), message.room),
        ("ann", room("ann"))
    );
    // Another nick, the same person and the same conversation.
    scene.server.send("ann", "NICK away");
    let renamed = ears
        .until(|heard| matches!(heard, Heard::Renamed { .. }))
        .await;
    let person = Person {
        id: PersonId("ann".into()),
        name: "away".into(),
    };
    let expected = Heard::Renamed {
        platform: "net".into(),
        person,
    };
    assert_eq!(renamed, expected);
    ears.say("ann", Text::line("for ann")).await.unwrap();
    assert_eq!(scene.said("away", 1).await, ["for ann"]);
    scene.server.say("away", "boson", "thanks");
    assert_eq!(ears.message().await.room, room("ann"));
    // Somebody else takes the nick.
    scene.server.send("bob", "NICK ann");
    scene.server.say("ann", "#one", "x");
    assert_eq!(ears.message().await.person.id.0, "bob@host");
    ears.say("ann", Text::line("for ann, too")).await.unwrap();
    assert_eq!(scene.said("away", 2).await, ["for ann", "for ann, too"]);
    // She goes: what is meant for her is not said to him.
    scene.server.send("away", "QUIT :bye");
    let unsaid = ears.say("ann", Text::line("for ann alone")).await;
    assert!(unsaid.is_err(), "{unsaid:?}");
    assert!(scene.server.said("ann", "boson").is_empty());
}

#[tokio::test]
async fn who_is_thrown_out_comes_back_after_a_while() {
    let scene = Scene::new().await;
    let mut ears = scene.sits().await;
    let mut away = Vec::new();
    for _ in 0..2 {
        scene.server.send("ann", "KICK #one boson");
        let left = ears.until(|heard| matches!(heard, Heard::Left(_))).await;
        assert_eq!(left, Heard::Left(room("#one")));
        let since = scene.clock.now();
        ears.until(
            |heard| matches!(heard, Heard::Joined { room: its, .. } if *its == room("#one")),
        )
        .await;
        away.push((scene.clock.now() - since).num_seconds());
    }
    assert!((29..60).contains(&away[0]) && away[1] >= 299, "{away:?}");
    // Then it is heard and spoken in again.
    scene.server.say("bob", "#one", "back?");
    assert_eq!(ears.message().await.text, "back?");
    ears.say("#one", Text::line("yes")).await.unwrap();
}

#[tokio::test]
async fn channels_that_let_nobody_in_say_why() {
    let mut scene = Scene::new().await;
    for channel in ["#key", "#banned", "#open"] {
        scene.server.join("ann", channel);
    }
    scene.server.set_key("#key", "sesame");
    scene.server.ban("#banned", "boson", true);
    let mut ears = scene.sits().await;
    let shut = async |channel: &str| {
        ears.platform
            .join(&room(channel))
            .await
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        shut("#key").await,
        "refused: it has a key, and mine is not the right one"
    );
    assert_eq!(shut("#banned").await, "refused: I am banned there");
    assert_eq!(ears.platform.join(&room("#open")).await.unwrap(), "#open");
    assert_eq!(ears.platform.room("#Open"), Some(room("#open")));
    assert_eq!(ears.platform.room("open"), None);
    assert_eq!(ears.platform.room("#a,#b"), None);
    ears.platform.leave(&room("#open")).await.unwrap();
    scene
        .until("not left", || !scene.server.is_in("boson", "#open"))
        .await;
    scene.server.send("ann", "INVITE boson #open");
    let invited = ears
        .until(|heard| matches!(heard, Heard::Invited { .. }))
        .await;
    assert!(matches!(invited, Heard::Invited { by, there: false, .. } if by.name == "ann"));
    drop(ears);
    scene
        .until("still there", || !scene.server.is_there("boson"))
        .await;
    // With the key it goes in, and where it is banned it tries again.
    scene.settings.channels.push(boson::room::irc::Channel {
        name: "#key".into(),
        key: Some("sesame".into()),
    });
    let mut ears = scene.listen_in(&[("#key", None), ("#banned", None)]);
    let left = ears.until(|heard| matches!(heard, Heard::Left(_))).await;
    assert_eq!(left, Heard::Left(room("#banned")));
    scene
        .until("not in", || scene.server.is_in("boson", "#key"))
        .await;
    scene.server.ban("#banned", "boson", false);
    scene
        .until("not in", || scene.server.is_in("boson", "#banned"))
        .await;
}

#[tokio::test]
async fn who_is_sent_on_to_another_channel_does_not_stay_there() {
    let scene = Scene::new().await;
    let mut ears = scene.sits().await;
    scene
        .server
        .tell(":irc.test 470 boson #full ##overflow :Forwarding to another channel");
    scene.server.tell(":boson!~boson@host JOIN ##overflow");
    let parts = || {
        scene
            .server
            .came()
            .iter()
            .any(|line| line == "PART ##overflow")
    };
    scene.until("still there", parts).await;
    // Into a channel that nobody has sent it on to it goes: a bouncer has been there before.
    scene.server.tell(":boson!~boson@host JOIN #bouncer");
    let joined = ears
        .until(|heard| matches!(heard, Heard::Joined { .. }))
        .await;
    assert!(matches!(joined, Heard::Joined { room: its, .. } if its == room("#bouncer")));
}

#[tokio::test]
async fn rubbish_from_a_server_does_no_harm() {
    let scene = Scene::old().await;
    let mut ears = scene.sits().await;
    for line in [
        "",
        ":",
        "@",
        ":x",
        "@a=b;;=; :x!y@z",
        ":ann!a@h JOIN",
        ":boson!b@h JOIN",
        ":ann!a@h NICK",
        "353 boson",
        ":irc.test 005 boson PREFIX=( CHANMODES= :x",
        "BATCH +x chathistory",
        "BATCH -y",
        ":ann!a@h MODE #one +ooo",
        "CAP * ACK",
        "404 boson #nowhere :no",
        "\u{1}\u{2}\u{3}",
        "PONG",
        "AUTHENTICATE +",
        "433 * boson :x",
    ] {
        scene.server.tell(line);
    }
    scene.server.tell(&"x".repeat(100_000));
    scene.server.tell(&format!(
        ":bob!bob@host PRIVMSG #one :{}",
        "y".repeat(20_000)
    ));
    scene.server.say("bob", "#one", "still there?");
    assert_eq!(ears.message().await.text, "still there?");
}
