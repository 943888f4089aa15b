//! What is heard in a room: messages, edits, answers, people.

use boson::model::{Heard, Role};
use boson::room::{Platform, SayError, Saying};

use super::scene::{Scene, id};
use super::stand_in::{Access, Fault, How, Replies, Rules, Settings};

#[tokio::test]
async fn a_message_is_heard() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    scene.server.say(room, scene.ann, "before");
    let mut ears = scene.listen(&[(room, None)]);
    assert_eq!(ears.joined(room).await, "Sandbox");
    scene.open().await;
    let number = scene.server.say(room, scene.ann, "hello *you* & `x < y`");
    let message = ears.said().await;
    assert_eq!(message.id.0, number.to_string());
    assert_eq!(message.room, id(room));
    assert_eq!(message.text, "hello *you* & `x < y`");
    assert_eq!(message.person.id.0, scene.ann.to_string());
    assert_eq!(message.person.name, "Ann");
    assert_eq!(message.role, Role::Owner);
    assert_eq!(message.at, scene.clock.now());
    assert!(!message.direct && !message.reply_to_bot && message.reply_to.is_none());
    scene.server.edit(number, "hello");
    let edited = ears.edited().await;
    assert_eq!(
        (edited.id.0, edited.text.as_str()),
        (number.to_string().into(), "hello")
    );
    scene.server.star(number, scene.ben);
    scene.server.delete(number);
    let starred = ears.next().await;
    assert!(
        matches!(
            starred,
            Heard::Starred {
                stars: 1,
                pins: 0,
                ..
            }
        ),
        "{starred:?}"
    );
    let deleted = ears.next().await;
    assert!(matches!(deleted, Heard::Deleted { message, .. } if message.0 == number.to_string()));
    ears.end().await;
}

#[tokio::test]
async fn own_messages_feeds_and_lines_of_the_chat_itself_are_not_heard() {
    let scene = Scene::new().await;
    let (room, other) = (scene.room("Sandbox"), scene.room("Trash"));
    let mut ears = scene.listening(room).await;
    let feed = scene.server.chat().feed("Feeds");
    scene.server.say(room, feed, "https://example.org/post");
    let saying = Saying::new(id(room), boson::model::Text::line("hello"));
    ears.platform.say(&saying).await.unwrap();
    let moved = scene.server.say(room, scene.ben, "junk");
    assert_eq!(ears.texts(1).await, ["junk"]);
    scene
        .server
        .chat()
        .move_posts(room, other, &[moved], scene.ann)
        .unwrap();
    let heard = ears.next().await;
    assert!(
        matches!(heard, Heard::Moved { away: true, .. }),
        "{heard:?}"
    );
    scene.server.say(room, scene.ann, "end");
    assert_eq!(ears.texts(1).await, ["end"]);
    ears.end().await;
}

#[tokio::test]
async fn answers_to_the_bot_are_known_in_both_styles() {
    for replies in [Replies::Old, Replies::New] {
        let rules = Rules {
            replies,
            ..Rules::default()
        };
        let scene = Scene::with(Settings {
            rules,
            ..Settings::default()
        })
        .await;
        let room = scene.room("Sandbox");
        let mut ears = scene.listening(room).await;
        let saying = Saying::new(id(room), boson::model::Text::line("I am here"));
        let own = ears.platform.say(&saying).await.unwrap().message;
        scene
            .server
            .say(room, scene.ann, &format!(":{} list all", own.0));
        let message = ears.said().await;
        assert_eq!(message.text, "list all");
        assert!(message.reply_to_bot);
        assert_eq!(message.reply_to, Some(own.clone()));
        // An answer to somebody else.
        let to_ann = scene
            .server
            .say(room, scene.ben, &format!(":{} yes", message.id.0));
        let message = ears.said().await;
        assert!(!message.reply_to_bot && message.reply_to.is_some());
        // An edit makes an answer to the bot of it.
        scene.server.edit(to_ann, &format!(":{} list", own.0));
        let edited = ears.edited().await;
        assert_eq!((edited.text.as_str(), edited.reply_to_bot), ("list", true));
        ears.end().await;
    }
}

#[tokio::test]
async fn who_calls_the_account_calls_the_bot() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    let mut ears = scene.listening(room).await;
    for (typed, heard) in [
        ("@BosonBot list", "@boson list"),
        ("@boson list", "@boson list"),
        ("@bos list", "@boson list"),
        ("@BosonBot, list", "@boson, list"),
        ("@Ben list", "@Ben list"),
        ("say @BosonBot", "say @BosonBot"),
    ] {
        scene.server.say(room, scene.ann, typed);
        assert_eq!(ears.texts(1).await, [heard]);
    }
    ears.end().await;
}

#[tokio::test]
async fn long_messages_are_completed_and_keep_their_lines() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    let mut ears = scene.listening(room).await;
    let long = (0..200).map(|n| format!("line {n}\n")).collect::<String>();
    scene.server.say(room, scene.ann, &long);
    assert_eq!(ears.texts(1).await, [long.trim_end()]);
    // The rest is asked for again when that fails, and a broken rest is better than nothing.
    scene.server.fail(
        Fault::new(How::Status(502))
            .path("/messages/")
            .method("GET"),
    );
    scene.server.say(room, scene.ann, &long);
    assert_eq!(ears.texts_passing(1).await, [long.trim_end()]);
    ears.end().await;
}

#[tokio::test]
async fn owners_and_moderators_are_owners_as_long_as_they_are() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    scene.server.account("mod@example.org", "m", "Mod");
    let moderator = scene.ben + 1;
    scene
        .server
        .chat()
        .accounts
        .get_mut(&moderator)
        .unwrap()
        .moderator = true;
    let mut ears = scene.listening(room).await;
    let role = async |ears: &mut super::scene::Ears, person| {
        scene.server.say(room, person, "hello");
        ears.said().await.role
    };
    assert_eq!(role(&mut ears, scene.ann).await, Role::Owner);
    assert_eq!(role(&mut ears, scene.ben).await, Role::Member);
    assert_eq!(role(&mut ears, moderator).await, Role::Owner);
    let asked = scene.asked("/user/info");
    assert_eq!(role(&mut ears, scene.ben).await, Role::Member);
    assert_eq!(scene.asked("/user/info"), asked, "it is known already");
    scene
        .server
        .chat()
        .grant(room, scene.ben, Some(Access::Owner), scene.ann);
    assert_eq!(role(&mut ears, scene.ben).await, Role::Owner);
    scene.server.chat().grant(room, scene.ben, None, scene.ann);
    assert_eq!(role(&mut ears, scene.ben).await, Role::Member);
    // Who cannot be looked up is a member, and is asked about again.
    scene
        .server
        .fail(Fault::new(How::Status(500)).path("/user/info"));
    scene
        .server
        .chat()
        .grant(room, scene.ann, Some(Access::Owner), scene.ann);
    assert_eq!(role(&mut ears, scene.ann).await, Role::Member);
    scene.move_on(59);
    assert_eq!(role(&mut ears, scene.ann).await, Role::Member);
    scene.move_on(1);
    assert_eq!(role(&mut ears, scene.ann).await, Role::Owner);
    ears.end().await;
}

#[tokio::test]
async fn another_name_is_told_once() {
    let scene = Scene::new().await;
    let rooms = [scene.room("One"), scene.room("Two")];
    let mut ears = scene.listen(&[(rooms[0], None), (rooms[1], None)]);
    for _ in rooms {
        assert!(matches!(ears.next().await, Heard::Joined { .. }));
    }
    scene.open().await;
    scene.server.chat().rename(scene.ann, "Anna");
    let heard = ears.next().await;
    let Heard::Renamed { person, .. } = &heard else {
        panic!("{heard:?}")
    };
    assert_eq!(
        (person.id.0.clone(), person.name.as_str()),
        (scene.ann.to_string().into(), "Anna")
    );
    // The account itself is called differently then.
    scene.server.chat().rename(scene.bot, "Quark");
    for room in rooms {
        scene.server.say(room, scene.ann, "@quark list");
    }
    assert_eq!(ears.texts(2).await, ["@boson list", "@boson list"]);
    ears.end().await;
}

#[tokio::test]
async fn people_come_and_go() {
    let scene = Scene::new().await;
    let room = scene.server.room("Sandbox", scene.ann);
    let mut ears = scene.listening(room).await;
    scene.server.chat().enter(room, scene.ben);
    let came = ears.any().await;
    assert!(
        matches!(&came, Heard::Came { person, .. } if person.name == "Ben"),
        "{came:?}"
    );
    scene.server.chat().leave(room, scene.ben);
    let went = ears.any().await;
    assert!(
        matches!(&went, Heard::Went { person, .. } if person.name == "Ben"),
        "{went:?}"
    );
    ears.end().await;
}

/// Somebody else uses the account, or the chat lost count.
#[tokio::test]
async fn who_is_out_of_a_room_without_a_reason_goes_back() {
    let scene = Scene::new().await;
    let room = scene.room("One");
    let mut ears = scene.listening(room).await;
    for n in 0..3 {
        scene.server.chat().leave(room, scene.bot);
        scene.server.say(room, scene.ann, &format!("out {n}"));
        assert_eq!(ears.texts_passing(1).await, [format!("out {n}")]);
        scene.server.say(room, scene.ann, &format!("in {n}"));
        assert_eq!(ears.texts(1).await, [format!("in {n}")]);
    }
    ears.end().await;
}

#[tokio::test]
async fn an_invitation_is_heard_once() {
    let scene = Scene::new().await;
    let rooms = [scene.room("One"), scene.room("Two")];
    let third = scene.room("Three");
    let mut ears = scene.listen(&[(rooms[0], None), (rooms[1], None)]);
    for _ in rooms {
        assert!(matches!(ears.next().await, Heard::Joined { .. }));
    }
    scene.open().await;
    scene.server.invite(third, scene.bot);
    let heard = ears.next().await;
    let Heard::Invited { room, name, by, .. } = &heard else {
        panic!("{heard:?}")
    };
    assert_eq!(
        (room, name.as_str(), by.name.as_str()),
        (&id(third), "Three", "Ann")
    );
    assert_eq!(ears.platform.join(&id(third)).await.unwrap(), "Three");
    assert_eq!(ears.joined(third).await, "Three");
    scene.server.say(third, scene.ann, "welcome");
    assert_eq!(ears.texts(1).await, ["welcome"]);
    // Who is in already need not go in.
    assert_eq!(ears.platform.join(&id(third)).await.unwrap(), "Three");
    ears.end().await;
}

#[tokio::test]
async fn rooms_are_joined_and_left_for_good() {
    let scene = Scene::new().await;
    let (room, other) = (scene.room("One"), scene.room("Two"));
    let mut ears = scene.listening(room).await;
    assert_eq!(ears.platform.room("2"), Some(id(other)));
    let link = format!("{}/rooms/2/two", scene.server.url());
    assert_eq!(ears.platform.room(&link), Some(id(other)));
    assert_eq!(ears.platform.join(&id(other)).await.unwrap(), "Two");
    ears.joined(other).await;
    let refused = ears.platform.join(&id(99)).await.unwrap_err();
    assert!(matches!(refused, SayError::Never { .. }), "{refused}");
    ears.platform.leave(&id(room)).await.unwrap();
    scene
        .until(|server| !server.chat().rooms[&room].present.contains_key(&scene.bot))
        .await;
    scene.server.say(room, scene.ann, "not heard");
    scene.server.say(other, scene.ann, "heard");
    let message = ears.said().await;
    assert_eq!((message.room, message.text.as_str()), (id(other), "heard"));
    ears.end().await;
    scene
        .until(|server| server.chat().rooms_of(scene.bot).is_empty() && server.sockets() == 0)
        .await;
}

#[tokio::test]
async fn a_room_that_is_not_there_is_given_up() {
    let scene = Scene::new().await;
    let room = scene.room("Sandbox");
    let mut ears = scene.listen(&[(99, None), (room, None)]);
    assert_eq!(ears.joined(room).await, "Sandbox");
    // One answer that it is not there is not believed.
    let left = ears.passing().await;
    assert_eq!(left, Heard::Left(id(99)));
    ears.end().await;
}

#[tokio::test]
async fn who_is_sent_away_comes_back_later_and_hears_what_was_said() {
    let scene = Scene::new().await;
    let (room, other) = (scene.room("Sandbox"), scene.room("Other"));
    let mut ears = scene.listen(&[(room, None), (other, None)]);
    for _ in 0..2 {
        assert!(matches!(ears.next().await, Heard::Joined { .. }));
    }
    scene.open().await;
    for minutes in [1, 5, 30] {
        assert_eq!(scene.server.kick(room, scene.bot), minutes);
        let left = ears.next().await;
        assert_eq!(left, Heard::Left(id(room)));
        scene.server.say(room, scene.ann, "meanwhile");
        scene.server.say(other, scene.ann, "elsewhere");
        assert_eq!(ears.texts_passing(1).await, ["elsewhere"]);
        let away = scene.clock.now();
        let back = ears.passing().await;
        assert!(matches!(back, Heard::Joined { .. }), "{back:?}");
        assert!((scene.clock.now() - away).num_minutes() >= minutes - 1);
        assert_eq!(ears.texts_passing(1).await, ["meanwhile"]);
        scene.server.say(room, scene.ann, "end");
        assert_eq!(ears.texts_passing(1).await, ["end"]);
    }
    ears.end().await;
}

#[tokio::test]
async fn who_was_sent_away_can_be_called_back() {
    let scene = Scene::new().await;
    let (room, other) = (scene.room("Sandbox"), scene.room("Other"));
    let mut ears = scene.listen(&[(room, None), (other, None)]);
    for _ in 0..2 {
        assert!(matches!(ears.next().await, Heard::Joined { .. }));
    }
    scene.open().await;
    scene.server.kick(room, scene.bot);
    assert_eq!(ears.next().await, Heard::Left(id(room)));
    assert!(ears.platform.join(&id(room)).await.is_err());
    scene.server.say(room, scene.ann, "meanwhile");
    scene
        .server
        .chat()
        .rooms
        .get_mut(&room)
        .unwrap()
        .muted
        .clear();
    assert_eq!(ears.platform.join(&id(room)).await.unwrap(), "Sandbox");
    ears.joined(room).await;
    assert_eq!(ears.texts(1).await, ["meanwhile"]);
    ears.end().await;
}
