//! The source `feed`: every sample, hostile input, and what happens from look to look.

use std::time::{Duration, Instant};

use boson::clock::Clock;
use boson::http::{Http, Stage, Staged};
use boson::model::{Fact, Item, Part};
use boson::source::feed::{Parsed, parse};
use boson::source::{Asking, Look, LookError, Poll, Shared, build};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use serde_json::Value;

fn now() -> DateTime<Utc> {
    at("2026-02-01T12:00:00Z")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn read(bytes: &[u8]) -> Parsed {
    parse(bytes, None, "https://example.org/feed", now()).unwrap()
}

fn wrong(bytes: &[u8]) -> String {
    parse(bytes, None, "https://example.org/feed", now())
        .unwrap_err()
        .what
}

fn titles(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.title.as_str()).collect()
}

#[test]
fn rss_0_91() {
    let feed = read(include_bytes!("feeds/rss-0.91.xml"));
    assert_eq!(feed.title.as_deref(), Some("Village News"));
    assert_eq!(
        titles(&feed.items),
        ["Café opens & closes", "Bridge repaired"]
    );
    assert_eq!(
        feed.items[0].url.as_deref(),
        Some("http://village.example/cafe")
    );
    assert_eq!(feed.items[0].id.0, "http://village.example/cafe");
    assert_eq!(feed.items[0].body, "Come & see.");
    assert_eq!(feed.items[0].at, now());
    assert_eq!(feed.pace.skip_hours, [1, 2]);
    assert_eq!(feed.pace.skip_days, [chrono::Weekday::Sun]);
}

#[test]
fn rss_0_92() {
    let feed = read(include_bytes!("feeds/rss-0.92.xml"));
    let first = &feed.items[0];
    assert_eq!(
        first.body,
        "A song without a title, by Ann (http://songs.example/ann)."
    );
    assert!(first.title.starts_with("A song without a title"));
    assert_eq!(
        first.facts["enclosure"],
        Fact::Text("http://songs.example/a.mp3".into())
    );
    assert_eq!(first.tags, ["folk"]);
    assert_ne!(first.id, feed.items[1].id);
    assert_eq!(feed, read(include_bytes!("feeds/rss-0.92.xml")));
}

#[test]
fn rss_1_0() {
    let feed = read(include_bytes!("feeds/rss-1.0.xml"));
    assert_eq!(feed.title.as_deref(), Some("New papers"));
    assert_eq!(titles(&feed.items), ["On waking", "On sleeping"]);
    let sleeping = &feed.items[1];
    assert_eq!(sleeping.id.0, "http://papers.example/1");
    assert_eq!(
        sleeping.url.as_deref(),
        Some("http://papers.example/1.html")
    );
    assert_eq!(sleeping.author.as_deref(), Some("B. Rest"));
    assert_eq!(sleeping.at, at("2026-01-01T09:00:00Z"));
    assert_eq!(sleeping.tags, ["sleep"]);
    assert_eq!(feed.pace.every, Some(12 * 3600));
}

#[test]
fn rss_2_0() {
    let feed = read(include_bytes!("feeds/rss-2.0.xml"));
    assert_eq!(feed.title.as_deref(), Some("The Gazette"));
    assert_eq!(feed.pace.every, Some(1800));
    assert_eq!(
        titles(&feed.items),
        [
            "From the future",
            "Odd date, odd link",
            "Tags inside a title",
            "Vec<T> & friends & more"
        ]
    );
    let [future, odd, tags, vec] = feed.items.as_slice() else {
        panic!("four items")
    };
    assert_eq!(future.at, now());
    assert_eq!((odd.at, &odd.url), (now(), &None));
    assert_eq!(tags.body, "Nothing but text &bogus; here & there.");
    assert_eq!(tags.author.as_deref(), Some("山田"));
    assert_eq!(vec.id.0, "tag:gazette,2026:vec");
    assert_eq!(vec.author.as_deref(), Some("Ann Author"));
    assert_eq!(vec.tags, ["Rust", "Types & more"]);
    assert_eq!(
        vec.facts["discussion"],
        Fact::Text("https://gazette.example/2026/vec#comments".into())
    );
    assert_eq!(
        vec.body,
        "First paragraph, see about (https://gazette.example/about).\n\n- one\n- two\n\n    let a = 1;\n    let b = 2;"
    );
}

#[test]
fn atom_1_0() {
    let feed = read(include_bytes!("feeds/atom-1.0.xml"));
    assert_eq!(titles(&feed.items), ["Plain <b> stays", "One <b> two"]);
    let [two, one] = feed.items.as_slice() else {
        panic!("two items")
    };
    assert_eq!(one.url.as_deref(), Some("https://log.example/base/one"));
    assert_eq!(
        one.body,
        "Para link (https://log.example/base/two) <kept>\n\nNext"
    );
    assert_eq!(one.tags, ["Label one", "t2"]);
    assert_eq!(one.author.as_deref(), Some("Everybody"));
    assert_eq!(one.at, at("2026-01-01T08:00:00Z"));
    assert_eq!(one.facts["edited"], Fact::Time(at("2026-01-01T09:30:00Z")));
    assert_eq!(
        one.facts["enclosure"],
        Fact::Text("https://log.example/base/file.zip".into())
    );
    assert_eq!(
        one.facts["discussion"],
        Fact::Text("https://log.example/base/one/replies".into())
    );
    assert_eq!(two.author.as_deref(), Some("Ben"));
    assert_eq!(two.body, "Described & done");
}

#[test]
fn atom_0_3() {
    let feed = read(include_bytes!("feeds/atom-0.3.xml"));
    assert_eq!(titles(&feed.items), ["Old entry"]);
    assert_eq!(feed.items[0].body, "Old text");
    assert_eq!(feed.items[0].at, at("2005-01-01T00:00:00Z"));
    assert_eq!(feed.items[0].url.as_deref(), Some("http://old.example/1"));
}

#[test]
fn json_feed() {
    let feed = read(include_bytes!("feeds/feed.json"));
    assert_eq!(feed.title.as_deref(), Some("Json"));
    let seven = feed.items.iter().find(|item| item.id.0 == "7").unwrap();
    assert_eq!(seven.title, "Seven <7>");
    assert_eq!(seven.body, "Seven & more");
    assert_eq!(seven.url.as_deref(), Some("https://example.org/seven"));
    assert_eq!(seven.tags, ["a", "b"]);
    assert_eq!(
        seven.facts["enclosure"],
        Fact::Text("https://json.example/7.mp3".into())
    );
    let plain = feed
        .items
        .iter()
        .find(|item| item.body.contains("two lines"))
        .unwrap();
    assert_eq!(plain.body, "No id, <b>no title</b>,\ntwo lines");
}

#[test]
fn encodings_and_dirt() {
    let cyrillic = read(include_bytes!("feeds/windows-1251.xml"));
    assert_eq!(
        (cyrillic.title.as_deref(), titles(&cyrillic.items)),
        (Some("Новости"), vec!["Привет"])
    );
    let wide = read(include_bytes!("feeds/utf-16.xml"));
    assert_eq!(
        (wide.title.as_deref(), titles(&wide.items)),
        (Some("Sixteen é"), vec!["日本"])
    );
    let dirty = read(include_bytes!("feeds/dirty.xml"));
    assert!(dirty.title.unwrap().starts_with("Dirty"));
    assert!(!dirty.items[0].title.contains(char::is_control));
}

#[test]
fn what_is_wrong_is_said_in_plain_words() {
    for (bytes, expected) in [
        (
            &include_bytes!("feeds/cut.xml")[..],
            "line 3: it ends in the middle, `title` is still open",
        ),
        (
            include_bytes!("feeds/crossed.xml"),
            "line 2: `</item>` stands where `</title>` should",
        ),
        (include_bytes!("feeds/page.html"), "it is a web page"),
        (b"", "it is empty"),
        (b"\x89PNG\r\n", "it is neither XML nor JSON"),
        (b"<svg/>", "it begins with `<svg>`"),
        (b"<!-- only this -->", "there is nothing in it"),
        (
            b"<rss><channel>\n<!-- ",
            "line 2: a comment is never closed",
        ),
        (b"{\"a\":1}", "it is JSON, but no JSON feed"),
        (b"{\"a\":", "its JSON breaks off or is wrong in line 1"),
    ] {
        assert_eq!(
            wrong(bytes),
            format!("what came from example.org is no feed: {expected}")
        );
    }
}

#[test]
fn bombs_do_not_go_off() {
    let bomb = read(include_bytes!("feeds/bomb.xml"));
    assert_eq!(titles(&bomb.items), ["&d; &f;"]);
    let deep = format!("<rss><channel><item><title>{}x", "<b>".repeat(100_000));
    assert!(wrong(deep.as_bytes()).contains("elements are open at once"));
    let deep = format!("{{\"items\":{}", "[".repeat(100_000));
    assert!(wrong(deep.as_bytes()).contains("JSON"));
    let spaces: String = (0..50_000).map(|n| format!(" xmlns:a{n}=\"b\"")).collect();
    let nested = format!(
        "<rss{spaces}>{}</rss>",
        "<item><title>a</title></item>".repeat(20_000)
    );
    assert!(!read(nested.as_bytes()).items.is_empty());
    let based = format!(
        "<feed xml:base=\"https://example.org/{}/\"><entry>{}</entry></feed>",
        "x".repeat(1900),
        "<link href=\"a\"/>".repeat(200_000)
    );
    assert_eq!(read(based.as_bytes()).items.len(), 1);
    // Each base is longer than the one around it; together they would be gigabytes.
    let piece = format!("{}/", "x".repeat(900));
    let nested = format!(
        "<feed>{}{}<entry xml:base=\"{piece}\"><link xml:base=\"{piece}{piece}\" href=\"a\"/></entry></feed>",
        format!("<q xml:base=\"{piece}\">").repeat(990),
        "</q>".repeat(990),
    );
    let link = read(nested.as_bytes()).items.remove(0).url;
    assert!(link.is_some_and(|link| link.ends_with("x/a") && link.len() < 1000));
}

fn rss(items: &str) -> String {
    format!(
        "<rss version=\"2.0\"><channel><title>t</title><link>https://example.org</link>{items}</channel></rss>"
    )
}

#[test]
fn limits() {
    let many: String = (0..12_000)
        .map(|n| format!("<item><title>n {n}</title><guid>{n}</guid></item>"))
        .collect();
    let started = Instant::now();
    assert_eq!(read(rss(&many).as_bytes()).items.len(), 10_000);
    assert!(started.elapsed() < Duration::from_secs(30));

    let huge = "word ".repeat(1 << 20);
    let tags: String = (0..100)
        .map(|n| format!("<category>{n}{}</category>", "x".repeat(100)))
        .collect();
    let item = format!(
        "<item><title>{huge}</title><description>{huge}</description><author>{huge}</author>{tags}\
         <guid>{huge}</guid><link>https://example.org/{}</link></item>",
        "x".repeat(3000)
    );
    let feed = read(rss(&item).as_bytes());
    let item = &feed.items[0];
    assert!(item.title.ends_with('…') && item.title.chars().count() <= 300);
    assert!(item.body.ends_with('…') && item.body.chars().count() <= 20_000);
    assert!(item.author.as_ref().unwrap().chars().count() <= 100);
    assert_eq!((item.tags.len(), item.tags[0].chars().count()), (30, 60));
    assert!(item.id.0.len() <= 500);
    assert_eq!(item.url, None);
}

#[test]
fn ids_stay_and_revisions_change() {
    let same = read(
        rss("<item><guid>1</guid><link>/a</link></item><item><guid>1</guid><link>/a</link></item>")
            .as_bytes(),
    );
    assert_eq!(same.items.len(), 1);
    let shared = read(
        rss("<item><guid>1</guid><link>/a</link></item><item><guid>1</guid><link>/b</link></item>")
            .as_bytes(),
    );
    assert_eq!(shared.items.len(), 2);
    assert_ne!(shared.items[0].id, shared.items[1].id);
    let before = read(rss("<item><guid>1</guid><title>a</title></item>").as_bytes());
    let after = read(rss("<item><guid>1</guid><title>b</title></item>").as_bytes());
    assert_eq!(before.items[0].id, after.items[0].id);
    assert_ne!(before.items[0].revision, after.items[0].revision);
    let linked = read(rss("<item><guid>https://example.org/1</guid></item>").as_bytes());
    assert_eq!(
        linked.items[0].url.as_deref(),
        Some("https://example.org/1")
    );
    let nothing = read(rss("<item/><item><pubDate>never</pubDate></item>").as_bytes());
    assert_eq!(titles(&nothing.items), ["(no title)"]);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), kind in any::<bool>()) {
        let kind = kind.then_some("text/html; charset=utf-16");
        let _ = parse(&bytes, kind, "https://example.org/feed", now());
    }

    #[test]
    fn no_damage_makes_it_panic(
        which in 0..8usize, from in 0..3000usize, with in proptest::collection::vec(any::<u8>(), 0..20), cut in 0..30usize,
    ) {
        let samples: [&[u8]; 8] = [
            include_bytes!("feeds/rss-0.91.xml"),
            include_bytes!("feeds/rss-0.92.xml"),
            include_bytes!("feeds/rss-1.0.xml"),
            include_bytes!("feeds/rss-2.0.xml"),
            include_bytes!("feeds/atom-1.0.xml"),
            include_bytes!("feeds/atom-0.3.xml"),
            include_bytes!("feeds/feed.json"),
            include_bytes!("feeds/dirty.xml"),
        ];
        let mut bytes = samples[which].to_vec();
        let from = from % bytes.len();
        let to = (from + cut).min(bytes.len());
        bytes.splice(from..to, with);
        if let Ok(parsed) = parse(&bytes, None, "https://example.org/feed", now()) {
            for item in parsed.items {
                prop_assert!(item.title.chars().count() <= 300 && !item.title.contains('\n'));
                prop_assert!(item.url.is_none_or(|url| ["http:", "https:", "mailto:"].iter().any(|s| url.starts_with(s))));
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(title in ".{0,60}", body in "(<[a-z]{1,4} ?|>|</p>|&[a-z#0-9]{0,4};?|[ \n\\PC]){0,40}") {
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
        let xml = rss(&format!(
            "<item><title>{}</title><author>{}</author><description>{}</description></item>",
            escape(&title), escape(&title), escape(&body)
        ));
        prop_assert_eq!(read(xml.as_bytes()).items.len(), 1);
    }
}

/// A tracked feed on a stage.
struct Tracked {
    feed: Box<dyn Poll>,
    http: Http,
    stage: Stage,
    cursor: Value,
}

impl Tracked {
    fn new(url: &str) -> Tracked {
        let (http, stage) = Http::staged(Clock::stopped(now()));
        Tracked {
            feed: source(url).unwrap(),
            http,
            stage,
            cursor: Value::Null,
        }
    }

    async fn look(&mut self) -> Result<Look, LookError> {
        let asking = Asking {
            http: &self.http,
            shared: &Shared::default(),
            cursor: &self.cursor,
            now: now(),
            every: Duration::from_secs(600),
        };
        let look = self.feed.look(&asking).await?;
        self.cursor = look.cursor.clone();
        Ok(look)
    }
}

fn source(url: &str) -> Result<Box<dyn Poll>, boson::model::Refusal> {
    build(&Part {
        kind: "feed".into(),
        args: [("url".to_string(), vec![url.to_string()])].into(),
    })
}

#[tokio::test]
async fn nothing_new_is_nothing() {
    let mut tracked = Tracked::new("example.org/feed");
    let body = include_bytes!("feeds/rss-2.0.xml");
    tracked
        .stage
        .serve("https://example.org/feed", Staged::page("text/xml", *body));
    let first = tracked.look().await.unwrap();
    assert_eq!(first.items.unwrap().len(), 4);
    assert_eq!(first.title.as_deref(), Some("The Gazette"));
    assert_eq!(first.rest, Some(Duration::from_secs(1800)));
    assert_eq!(first.note, None);
    let second = tracked.look().await.unwrap();
    assert_eq!(
        (second.items, second.rest),
        (None, Some(Duration::from_secs(1800)))
    );
    // The same bytes under another tag, with a longer life.
    let again = Staged::page("text/xml", *body)
        .header("etag", "\"other\"")
        .header("cache-control", "max-age=7200");
    tracked.stage.serve("https://example.org/feed", again);
    let third = tracked.look().await.unwrap();
    assert_eq!(
        (third.items, third.rest),
        (None, Some(Duration::from_secs(7200)))
    );
    tracked.stage.serve(
        "https://example.org/feed",
        Staged::page("text/xml", *include_bytes!("feeds/rss-0.92.xml")),
    );
    assert_eq!(tracked.look().await.unwrap().items.unwrap().len(), 2);
}

#[tokio::test]
async fn a_page_leads_to_its_feed() {
    let mut tracked = Tracked::new("https://example.org");
    let page = Staged::page("text/html", *include_bytes!("feeds/page.html"));
    tracked.stage.serve("https://example.org/", page);
    tracked.stage.serve(
        "https://example.org/feed.xml",
        Staged::page("text/xml", *include_bytes!("feeds/atom-1.0.xml")),
    );
    let first = tracked.look().await.unwrap();
    assert_eq!(
        first.note.as_deref(),
        Some("reading the feed https://example.org/feed.xml that the page names")
    );
    assert_eq!(first.items.unwrap().len(), 2);
    let second = tracked.look().await.unwrap();
    assert_eq!((second.note, second.items), (None, None));
    assert_eq!(
        tracked.stage.requests(),
        [
            "https://example.org/",
            "https://example.org/feed.xml",
            "https://example.org/feed.xml"
        ]
    );
    // The feed goes elsewhere; the page knows.
    tracked
        .stage
        .serve("https://example.org/feed.xml", Staged::status(404));
    let page = "<html><link rel=alternate type=application/rss+xml href=/new.xml></html>";
    tracked
        .stage
        .serve("https://example.org/", Staged::page("text/html", page));
    tracked.stage.serve(
        "https://example.org/new.xml",
        Staged::page("text/xml", *include_bytes!("feeds/rss-0.92.xml")),
    );
    let third = tracked.look().await.unwrap();
    assert_eq!(third.items.unwrap().len(), 2);
    assert!(third.note.unwrap().contains("new.xml"));
}

#[tokio::test]
async fn pages_without_a_feed_say_so() {
    let mut tracked = Tracked::new("https://example.org/a");
    tracked.stage.serve(
        "https://example.org/a",
        Staged::page("text/html", "<p>Just words"),
    );
    let error = tracked.look().await.unwrap_err();
    assert_eq!(
        error.what,
        "https://example.org/a is a web page that names no feed"
    );
    tracked
        .stage
        .serve("https://example.org/a", Staged::status(410));
    let error = tracked.look().await.unwrap_err();
    assert!(error.gone);
    assert_eq!(error.what, "example.org answered 410 (gone for good)");
    tracked.stage.serve(
        "https://example.org/a",
        Staged::status(429).header("Retry-After", "120"),
    );
    assert_eq!(
        tracked.look().await.unwrap_err().rest,
        Some(Duration::from_secs(120))
    );
}

#[tokio::test]
async fn a_move_is_believed_the_third_time() {
    let mut tracked = Tracked::new("https://old.example/feed");
    let feed = Staged::page("text/xml", *include_bytes!("feeds/rss-2.0.xml"));
    tracked.stage.serve("https://new.example/feed", feed);
    let moved = Staged::status(301).header("location", "https://new.example/feed");
    tracked.stage.serve("https://old.example/feed", moved);
    for _ in 0..2 {
        assert_eq!(tracked.look().await.unwrap().note, None);
    }
    let note = tracked.look().await.unwrap().note.unwrap();
    assert_eq!(
        note,
        "the feed has moved for good, from now on it is read at https://new.example/feed"
    );
    let before = tracked.stage.requests().len();
    tracked.look().await.unwrap();
    assert_eq!(
        tracked.stage.requests()[before..],
        ["https://new.example/feed"]
    );
}

#[test]
fn addresses_as_people_write_them() {
    for (written, key, name) in [
        (
            "example.org/feed",
            "https://example.org/feed",
            "example.org",
        ),
        (
            "HTTP://Example.ORG:80/Feed#top",
            "http://example.org/Feed",
            "example.org",
        ),
        (
            "<https://example.org:443>",
            "https://example.org/",
            "example.org",
        ),
        (
            "feed://www.example.org/x.xml",
            "https://www.example.org/x.xml",
            "example.org",
        ),
        (
            "feed:http://example.org",
            "http://example.org/",
            "example.org",
        ),
        (
            "localhost:8080/feed",
            "https://localhost:8080/feed",
            "localhost",
        ),
        (
            "https://code.example/ann/tool/releases.atom",
            "https://code.example/ann/tool/releases.atom",
            "code.example/ann",
        ),
        (
            "https://example.org/feeds/all",
            "https://example.org/feeds/all",
            "example.org",
        ),
    ] {
        let feed = source(written)
            .map_err(|refusal| refusal.to_string())
            .unwrap();
        assert_eq!(
            (
                feed.key().as_str(),
                feed.name().as_str(),
                feed.short().as_str()
            ),
            (key, name, "feed"),
            "{written}"
        );
    }
    for written in [
        "ftp://example.org/feed",
        "https://",
        "https://u:p@example.org/",
        "javascript:alert(1)",
        "",
    ] {
        let refusal = source(written).err().unwrap();
        assert!(
            refusal.what.ends_with('.') && refusal.hint.is_some(),
            "{written}: {refusal}"
        );
    }
}
