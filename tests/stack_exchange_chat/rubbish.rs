//! A socket that talks nonsense: the test itself is its other end, everything else is asked of the stand-in.

use boson::model::Heard;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::scene::{Ears, Scene, id};
use super::sockets::{Peer, Sockets};

/// A scene whose socket is the test's.
struct Between {
    scene: Scene,
    sockets: Sockets,
    room: i64,
}

impl Between {
    async fn new() -> Between {
        let mut scene = Scene::new().await;
        let sockets = Sockets::start().await;
        let room = scene.room("Sandbox");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let there = scene.server.url().trim_start_matches("http://").to_string();
        let place = json!({"url": format!("{}events/1/x", sockets.url())}).to_string();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(pass_on(stream, there.clone(), place.clone()));
            }
        });
        scene.settings.url = url.clone();
        scene.settings.login = url;
        Between {
            scene,
            sockets,
            room,
        }
    }

    /// A bot that listens, and the other end of its socket.
    async fn listen(&self) -> (Ears, Peer) {
        let mut ears = self.scene.listen(&[(self.room, None)]);
        ears.joined(self.room).await;
        let peer = self.next().await;
        (ears, peer)
    }

    /// The other end of the next socket, when what was missed has been read back.
    async fn next(&self) -> Peer {
        let before = self.scene.asked("/chats/1/events");
        let peer = self.sockets.next().await;
        self.scene
            .until(|_| self.scene.asked("/chats/1/events") > before)
            .await;
        peer
    }
}

/// One request after another goes to the stand-in, but for the place of the socket.
async fn pass_on(mut stream: TcpStream, there: String, place: String) -> Option<()> {
    loop {
        let request = whole(&mut stream).await?;
        let answer = match request.starts_with(b"POST /ws-auth") {
            true => format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{place}",
                place.len()
            )
            .into_bytes(),
            false => {
                let mut server = TcpStream::connect(&there).await.ok()?;
                server.write_all(&request).await.ok()?;
                whole(&mut server).await?
            }
        };
        stream.write_all(&answer).await.ok()?;
    }
}

/// A request or an answer with a length.
async fn whole(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let head = all.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&all[..head]).to_ascii_lowercase();
            let length = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if all.len() >= head + 4 + length {
                return Some(all);
            }
        }
        let mut more = [0; 4096];
        match stream.read(&mut more).await.ok()? {
            0 => return None,
            read => all.extend_from_slice(&more[..read]),
        }
    }
}

/// A frame with a message of Ann's.
fn message(number: i64, text: &str) -> String {
    json!({"r1": {"e": [{
        "event_type": 1, "time_stamp": 1_767_225_600, "id": 1_000_000 + number, "room_id": 1, "room_name": "Sandbox",
        "user_id": 102, "user_name": "Ann", "message_id": 900_000 + number, "content": text,
    }], "t": 1_000_000 + number, "d": 1}})
    .to_string()
}

#[tokio::test]
async fn nonsense_is_left_out() {
    let between = Between::new().await;
    let (mut ears, mut peer) = between.listen().await;
    assert!(
        peer.headers
            .iter()
            .any(|header| header.starts_with("origin: http://127.0.0.1:"))
    );
    let deep = format!("{{\"r1\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    for nonsense in [
        "",
        "hello",
        "[]",
        "[[[",
        "null",
        "{\"r1\":7}",
        "{\"r1\":{\"e\":7,\"t\":\"x\"}}",
        "{\"r1\":{\"e\":[7,null,[],{},{\"event_type\":99,\"id\":1},{\"event_type\":1},{\"event_type\":\"1\",\"id\":{}}]}}",
        "{\"r1\":{\"e\":[{\"event_type\":1,\"message_id\":1,\"content\":7,\"user_id\":102}]}}",
        "{\"r1\":{\"e\":[{\"event_type\":2},{\"event_type\":6},{\"event_type\":10},{\"event_type\":17},{\"event_type\":34}]}}",
        "{\"r77\":{\"e\":[{\"event_type\":1,\"message_id\":1,\"content\":\"x\",\"user_id\":102}]}}",
        "{\"r1\":{\"e\":[{\"event_type\":1,\"id\":5,\"room_id\":2,\"message_id\":1,\"content\":\"x\",\"user_id\":102}]}}",
        "{\"r18446744073709551616\":{}}",
        "{\"r1\":{\"t\":9223372036854775808}}",
        deep.as_str(),
    ] {
        peer.say(nonsense).await;
    }
    peer.say(&message(
        1,
        "<script>alert(1)</script>\u{0}\u{202e}&lt;b&gt;",
    ))
    .await;
    let heard = ears.said().await;
    assert!(heard.text.contains("<b>"), "{heard:?}");
    peer.say(&message(2, "end")).await;
    assert_eq!(ears.said().await.text, "end");
    ears.end().await;
}

#[tokio::test]
async fn a_frame_beyond_all_measure_ends_the_socket_and_nothing_is_lost() {
    let between = Between::new().await;
    let (mut ears, mut peer) = between.listen().await;
    between
        .scene
        .server
        .say(between.room, between.scene.ann, "read back");
    // The client hangs up in the middle of it.
    let huge = "x".repeat(2 << 20);
    let (_, heard) = tokio::join!(
        async {
            use futures_util::SinkExt;
            let huge = tokio_tungstenite::tungstenite::Message::text(huge);
            peer.stream.send(huge).await.ok()
        },
        async {
            tokio::select! {
                biased;
                peer = between.next() => peer,
                () = async {
                    loop {
                        for _ in 0..50 {
                            tokio::task::yield_now().await;
                        }
                        between.scene.move_on(1);
                    }
                } => unreachable!("time does not end"),
            }
        }
    );
    let mut peer = heard;
    assert_eq!(ears.said().await.text, "read back");
    peer.say(&message(1, "end")).await;
    assert_eq!(ears.said().await.text, "end");
    ears.end().await;
}

#[tokio::test]
async fn an_answer_that_comes_before_its_message_is_one() {
    let between = Between::new().await;
    let (mut ears, mut peer) = between.listen().await;
    // The events that only the bot sees come first, with numbers of their own, and in each of its rooms.
    let frame = json!({"r1": {"e": [
        {"event_type": 18, "id": 2_000_001, "room_id": 1, "user_id": 102, "user_name": "Ann", "message_id": 900_001,
         "content": "list", "parent_id": 7, "show_parent": true, "target_user_id": 101},
        {"event_type": 8, "id": 2_000_002, "room_id": 2, "user_id": 102, "user_name": "Ann", "message_id": 900_002,
         "content": "@BosonBot list", "target_user_id": 101},
        {"event_type": 1, "id": 2_000_003, "room_id": 1, "user_id": 102, "user_name": "Ann", "message_id": 900_001,
         "content": "list", "parent_id": 7, "show_parent": true},
    ], "t": 2_000_003, "d": 3}});
    peer.say(&frame.to_string()).await;
    let heard = ears.said().await;
    assert!(heard.reply_to_bot && heard.room == id(1), "{heard:?}");
    assert_eq!(heard.reply_to.unwrap().0, "7");
    // Nobody else was heard: what follows is the next.
    peer.say(&message(9, "end")).await;
    let next = ears.next().await;
    assert!(
        matches!(&next, Heard::Said(message) if message.text == "end"),
        "{next:?}"
    );
    ears.end().await;
}
