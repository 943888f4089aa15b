//! Feeds that others wrote, through three kills: every entry is said once.

use crate::heard::{Ears, Heard, Said};
use crate::life::{Life, PATIENCE, Place};
use crate::web::Web;

/// Release notes of feed-rs and news of Debian; `feeds/README.md` says where they come from.
const RELEASES: &str = include_str!("feeds/feed-rs-releases.xml");
const NEWS: &str = include_str!("feeds/debian-news.xml");

/// The first entries of a feed that `begin` begins and `end` ends are not there yet.
fn without_first(xml: &str, n: usize, begin: &str, end: &str) -> String {
    let mut xml = xml.to_string();
    for _ in 0..n {
        let from = xml.find(begin).expect("an entry");
        let to = xml[from..].find(end).expect("its end") + from + end.len();
        xml.replace_range(from..to, "");
    }
    xml
}

/// What trackers said, over all lives.
#[derive(Default)]
struct Room {
    ears: Ears,
    said: Vec<Said>,
    /// The present process has said nothing yet.
    silent: bool,
}

impl Room {
    fn start(&mut self, place: &Place) -> Life {
        self.silent = true;
        self.ears = Ears::default();
        place.chat()
    }

    /// Hears until as many messages as this were said by now.
    fn hear(&mut self, life: &Life, messages: usize) {
        while self.said.len() < messages {
            let line = life.hear(PATIENCE);
            self.take(line.unwrap_or_else(|| panic!("no more than {:#?}", self.said)));
        }
    }

    fn take(&mut self, line: String) {
        if let Some(Heard::Said(said)) = self.ears.take(line) {
            // What was being said when the process before was killed may come again.
            let again = std::mem::take(&mut self.silent) && self.said.last() == Some(&said);
            if !again {
                self.said.push(said);
            }
        }
    }

    /// Kills the process.
    fn kill(&mut self, life: Life) {
        life.kill().into_iter().for_each(|line| self.take(line));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_by_others_are_said_once_through_three_kills() {
    let web = Web::start().await;
    let serve = |releases: usize, news: usize| {
        let releases = without_first(RELEASES, releases, "<entry>", "</entry>");
        let kind = "Content-Type: application/xml";
        web.page("/releases.atom", &[kind], releases);
        let news = without_first(NEWS, news, "<item rdf:about", "</item>");
        web.page("/news.rdf", &[kind], news);
    };
    serve(2, 1);
    let place = Place::new();
    let mut room = Room::default();

    let mut life = room.start(&place);
    let (releases, news) = (web.url("/releases.atom"), web.url("/news.rdf"));
    for line in [
        format!("track feed {releases} named n-all every 1 second"),
        format!("track feed {releases} named n-mark every 1 second by markpritchard as list"),
        format!("track feed {releases} named n-none every 1 second where python"),
        format!("track feed {news} named n-deb every 1 second as one-box --matches 'Debian \\d+'"),
    ] {
        life.say(&line);
    }
    room.hear(&life, 4);
    room.kill(life);

    serve(1, 1);
    let life = room.start(&place);
    room.hear(&life, 5);
    room.kill(life);

    serve(0, 1);
    let life = room.start(&place);
    room.hear(&life, 6);
    room.kill(life);

    serve(0, 0);
    let mut life = room.start(&place);
    room.hear(&life, 8);
    life.say("list");
    let listed = life.hear_until(|line| line.contains("`n-none`"));
    life.close_input();
    let (rest, status, log) = life.end(PATIENCE);
    assert!(status.success(), "{log}");
    rest.into_iter().for_each(|line| room.take(line));

    assert!(listed.contains(&"4 trackers:".to_string()), "{listed:?}");
    let mut said: Vec<String> = room.said.iter().map(|said| said.lines.join("\n")).collect();
    said.sort();
    let page = "https://github.com/feed-rs/feed-rs/releases/tag";
    let begins = "nothing is there yet, new ones will be said here.";
    assert_eq!(
        said,
        [
            format!("[n-all] 0.1.3, by kumabook {page}/0.1.3"),
            format!("[n-all] 0.2.0, by markpritchard {page}/v0.2.0"),
            "[n-deb] Updated Debian 11: 11.6 released\nhttps://www.debian.org/News/2022/20221217"
                .to_string(),
            format!("[n-mark] 0.2.0, by markpritchard {page}/v0.2.0"),
            format!("`n-all` reads “Release notes from feed-rs”: {begins}"),
            format!("`n-deb` reads “Debian News”: {begins}"),
            format!("`n-mark` reads “Release notes from feed-rs”: {begins}"),
            format!("`n-none` reads “Release notes from feed-rs”: {begins}"),
        ]
    );
}
