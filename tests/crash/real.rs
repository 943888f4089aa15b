//! Feeds that others wrote, through three kills: every entry is said once.

use crate::life::{Life, Place};
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
    said: Vec<String>,
    /// How much of it was said when the present process started.
    before: usize,
}

impl Room {
    /// Hears until a report begins like this.
    fn hear(&mut self, life: &Life, beginning: &str) {
        let lines = life.hear_until(|line| line.starts_with(beginning));
        self.said.extend(lines);
    }

    /// Kills the process. What it was saying just then may come again.
    fn kill(&mut self, life: Life) {
        self.said.extend(life.kill());
    }

    fn next(&mut self, place: &Place) -> Life {
        self.before = self.said.len();
        place.chat()
    }

    /// Takes out what was said again because the process before was killed at it.
    fn forgive(&mut self) {
        let again = self.said.get(self.before).cloned();
        if self.before > 0 && again.as_ref() == self.said.get(self.before - 1) {
            self.said.remove(self.before);
        }
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

    let mut life = place.chat();
    let (releases, news) = (web.url("/releases.atom"), web.url("/news.rdf"));
    for line in [
        format!("track feed {releases} named all every 1 second"),
        format!("track feed {releases} named mark every 1 second by markpritchard as list"),
        format!("track feed {releases} named none every 1 second where python"),
        format!("track feed {news} named debian every 1 second as one-box --matches 'Debian \\d+'"),
        "track feed 127.0.0.1:1 named gone --dry-run".to_string(),
        "echo all asked".to_string(),
    ] {
        life.say(&line);
    }
    life.hear_until(|line| line == "all asked");
    let mut begun = 0;
    life.hear_until(|line| {
        begun += usize::from(line.contains("` reads “") && line.contains("nothing is there yet"));
        begun == 4
    });
    life.kill();

    serve(1, 1);
    let life = place.chat();
    room.hear(&life, "[all] 0.1.3");
    room.kill(life);

    serve(0, 1);
    let life = room.next(&place);
    room.hear(&life, "[mark] 0.2.0");
    room.kill(life);
    room.forgive();

    serve(0, 0);
    let mut life = room.next(&place);
    room.hear(&life, "https://www.debian.org/News/2022/20221217");
    life.say("list");
    let listed = life.hear_until(|line| line.contains("`none`"));
    life.close_input();
    let (rest, status, log) = life.end(crate::life::PATIENCE);
    assert!(status.success(), "{log}");
    room.said
        .extend(rest.into_iter().filter(|line| line.starts_with('[')));
    room.forgive();

    assert_eq!(listed[0], "4 trackers:");
    room.said.sort();
    let page = "https://github.com/feed-rs/feed-rs/releases/tag";
    assert_eq!(
        room.said,
        [
            format!("[all] 0.1.3, by kumabook {page}/0.1.3"),
            format!("[all] 0.2.0, by markpritchard {page}/v0.2.0"),
            "[debian] Updated Debian 11: 11.6 released".to_string(),
            format!("[mark] 0.2.0, by markpritchard {page}/v0.2.0"),
            "https://www.debian.org/News/2022/20221217".to_string(),
        ]
    );
}
