//! What is heard in a room: messages, edits, answers, people.

use boson::model::{Heard, Role};
use boson::room::Platform;

use super::scene::{Scene, id};

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
    assert_eq!(
        (message.person.id.0.as_str(), message.person.name.as_str()),
        ("102", "Ann")
    );
    assert_eq!(message.role, Role::Owner);
    assert_eq!(message.at, scene.clock.now());
    assert!(!message.direct && !message.reply_to_bot && message.reply_to.is_none());
    scene.server.say(room, scene.ben, "hello");
    assert_eq!(ears.said().await.role, Role::Member);
    ears.end().await;
}
