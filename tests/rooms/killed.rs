//! The real program in rooms of a chat: killed again and again while people talk to it, and told to stop.

use std::time::{Duration, Instant};

use super::program::{PATIENCE, ROOMS, Scene};
use super::web::Web;

const KILLS: usize = 6;
/// How many commands are typed in one life.
const COMMANDS: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_is_answered_once_however_often_the_program_is_killed() {
    let scene = Scene::new().await;
    let web = Web::start().await;
    let feed = "<rss version=\"2.0\"><channel><title>Empty</title></channel></rss>";
    web.page("/feed", &["content-type: text/xml"], feed);
    let mut life = scene.start();
    let mut asked = scene.greeted(&life).await;
    let url = web.url("/feed");
    for kill in 0..KILLS {
        for n in 0..COMMANDS {
            let room = (kill + n) % ROOMS;
            let text = match n {
                2 => format!("@boson track feed {url} named t-{kill}-{room} every 1 hour"),
                _ => format!("@boson echo life {kill} number {n}"),
            };
            asked[room].push(scene.say(room, &text));
            tokio::time::sleep(Duration::from_millis(
                37 * (1 + (kill * 7 + n * 3) as u64 % 9),
            ))
            .await;
        }
        life.kill();
        life = scene.start();
    }
    scene.answered_once(&mut asked, &life).await;
    for room in 0..ROOMS {
        let said = scene.said(room);
        let refused = said.iter().find(|said| said.source.contains("already"));
        assert_eq!(refused, None, "nothing was done twice");
    }
    life.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_told_to_stop_leaves_its_rooms() {
    let scene = Scene::new().await;
    let life = scene.start();
    let is_in = || {
        let chat = scene.chat.chat();
        !chat.rooms_of(scene.bot).is_empty()
    };
    let began = Instant::now();
    while !is_in() || scene.chat.sockets() == 0 {
        assert!(began.elapsed() < PATIENCE, "{}", life.log());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    life.signal(libc::SIGTERM);
    let (_, status, log) = life.end(PATIENCE);
    assert!(status.success(), "{log}");
    assert!(!is_in(), "{log}");
}
